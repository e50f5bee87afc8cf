/** Brazilian Portuguese: what each state means and what to do about it. Steps are one a line. */
import type { HelpTexts } from './catalogue';

export const help: HelpTexts = {
  'help.open': 'O que faço agora?',
  'help.of': 'O que faço agora? {name}',
  'help.means': 'O que significa',
  'help.steps': 'O que fazer agora',
  'help.itself': 'O que o programa faz sozinho',
  'help.also': 'Além disso',
  'help.support': 'Se continuar igual depois disso, peça ajuda ao suporte e conte o que diz o histórico.',
  'help.legend': 'Ver todos os estados',
  'help.legend.title': 'O que os estados significam',
  'help.legend.text':
    'Cada estado tem sua palavra, seu ícone e sua cor. Os cartões que precisam de você vêm primeiro.',

  'help.NOT_INITIALIZED.means':
    'A conta está na lista, mas o navegador dela está fechado: não envia nem recebe.',
  'help.NOT_INITIALIZED.steps':
    'Clique em “Iniciar” quando precisar dela.\nSe houver um login salvo, ela se conecta sem escanear.',
  'help.NOT_INITIALIZED.itself': 'Nada: espera até alguém iniciar.',

  'help.INITIALIZING.means':
    'Um navegador com o WhatsApp Web está sendo aberto pela primeira vez para esta conta.',
  'help.INITIALIZING.steps':
    'Espere: o código QR aparece em alguns segundos.\nDeixe à mão o celular da conta.',
  'help.INITIALIZING.itself':
    'Abre o navegador, carrega o WhatsApp e pede um código. Se não der em nada, tenta mais uma vez.',

  'help.RECONNECTING.means': 'Há um login salvo, e ele está sendo usado para conectar de novo.',
  'help.RECONNECTING.steps': 'Espere: costuma levar menos de um minuto.\nO celular não é necessário.',
  'help.RECONNECTING.itself':
    'Carrega o WhatsApp com o login salvo. Se ele não valer mais, aparece um código QR.',

  'help.QR_REQUIRED.means': 'O WhatsApp espera que um celular conecte este computador.',
  'help.QR_REQUIRED.steps':
    'No celular: WhatsApp → Menu → Dispositivos conectados → Conectar dispositivo.\nAponte a câmera para o código; “Ampliar QR” mostra maior.\nSe não puder escanear, escolha “Conectar com número de telefone”.',
  'help.QR_REQUIRED.itself': 'Troca o código quando o WhatsApp o renova e deixa cinza o que expirou.',

  'help.READY.means': 'A conta está conectada: as mensagens saem e chegam.',
  'help.READY.steps': 'Não há nada a fazer.\nNa dúvida, use “Enviar teste”.',
  'help.READY.itself':
    'Vigia a conexão e se o WhatsApp confirma o que é enviado; se algo falhar, avisa aqui e conserta o que puder.',

  'help.AUTH_FAILURE.means': 'O WhatsApp não aceitou o login salvo desta conta.',
  'help.AUTH_FAILURE.steps': 'Clique em “Reiniciar”.\nEscaneie o código QR que aparece.',
  'help.AUTH_FAILURE.itself':
    'Mantém o cliente e o histórico. Não tenta de novo sozinho, porque daria no mesmo.',

  'help.DISCONNECTED_RECOVERABLE.means': 'A conexão com o WhatsApp caiu, mas o login continua válido.',
  'help.DISCONNECTED_RECOVERABLE.steps':
    'Verifique se este computador tem internet.\nEspere: não feche nem reinicie nada.',
  'help.DISCONNECTED_RECOVERABLE.itself':
    'Tenta de novo sozinho, várias vezes. Quando a rede volta, conecta sem escanear.',

  'help.DISCONNECTED_LOGOUT.means':
    'A conta não está mais conectada a este computador, ou foi aberta em outro lugar.',
  'help.DISCONNECTED_LOGOUT.steps':
    'Clique em “Reiniciar” e escaneie o código QR.\nSe foi aberta em outro lugar, feche lá primeiro.',
  'help.DISCONNECTED_LOGOUT.itself':
    'Depois de um minuto fecha o navegador e deixa tudo pronto para conectar de novo.',

  'help.DISCONNECTED_BANNED.means':
    'O WhatsApp baniu, restringiu ou suspendeu este número. Isso não depende deste programa.',
  'help.DISCONNECTED_BANNED.steps':
    'Abra o WhatsApp no celular: ele diz o motivo e a duração.\nPeça a análise por lá, se for oferecida.\nEnquanto isso, não conecte o número de novo.',
  'help.DISCONNECTED_BANNED.itself': 'Fecha o navegador da conta e não tenta de novo sozinho.',

  'help.ERROR.means': 'A sessão falhou e alguém precisa fazer algo.',
  'help.ERROR.steps': 'Leia o motivo no cartão e faça o que ele sugere.\nClique em “Reiniciar”.',
  'help.ERROR.itself': 'Já tentou por conta própria, ou o motivo não se resolve tentando de novo.',

  'help.restarting.means': 'A sessão falhou, mas está se consertando sozinha.',
  'help.restarting.steps': 'Não é preciso fazer nada.\nSe tiver pressa, clique em “Reiniciar agora”.',
  'help.restarting.itself':
    'Abre o navegador de novo, até três vezes, cada vez com uma pausa maior. O login não se perde.',

  'help.held.means': 'Resta tão pouco espaço no disco que ela foi fechada para proteger o login.',
  'help.held.steps': 'Libere espaço no disco.\nNão é preciso reiniciar nada.',
  'help.held.itself': 'Abre a sessão de novo sozinho quando há espaço.',

  'help.sleeping.means':
    'O navegador dela foi fechado para dar lugar a outras sessões. Em repouso, não recebe mensagens.',
  'help.sleeping.steps':
    'Clique em “Acordar” se precisar dela agora.\nSe isso acontecer muito, aumente o máximo de sessões nas Configurações.',
  'help.sleeping.itself': 'Acorda quando uma mensagem é enviada por ela. O login é mantido.',

  'help.doubtful.means': 'A conta consta como conectada, mas há sinais de que as mensagens não saem.',
  'help.doubtful.steps':
    'Use “Enviar teste” e veja se chega.\nSe não chegar, escolha “Reiniciar sessão” no menu do cartão.',
  'help.doubtful.itself': 'Recarrega a página uma vez e verifica os próximos envios.',
};
