// Shows the description of the API, and nothing from anywhere else.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

globalThis.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  // Its name of a route is in the address, so that a route can be linked to.
  deepLinking: true,
  // The server says what it lets this page do.
  supportedSubmitMethods: document.body.dataset.methods.split(' '),
  tryItOutEnabled: false,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  // Would ask a server on the internet.
  validatorUrl: null,
  // A key is gone with the page.
  persistAuthorization: false,
  // No address but this one may be shown.
  queryConfigEnabled: false,
});
