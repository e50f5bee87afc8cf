import type { UpdateTexts } from './catalogue';

/** Brazilian Portuguese: newer versions of the program. */
export const updates: UpdateTexts = {
  'updates.title': 'Atualizações',
  'updates.wanted': 'Procurar versões novas',
  'updates.wanted.text':
    'Uma vez por dia, o programa pergunta ao seu site pela última versão. Nada dos seus clientes é enviado. Desligado, não se pergunta a ninguém.',
  'updates.way.packages':
    'Esta cópia foi instalada pelo gerenciador de pacotes do sistema e é atualizada por ele: instale o pacote da versão nova. Seus dados ficam.',
  'updates.way.headless':
    'Sem janela, o programa não substitui a si mesmo: instale a versão nova e inicie-o outra vez. Seus dados ficam.',
  'updates.way.nobody': 'Esta cópia não procura versões novas: foi compilada sem um site para consultar.',
  'updates.check': 'Procurar agora',
  'updates.checking': 'Procurando…',
  'updates.latest': 'Você tem a última versão.',
  'updates.latest.at': 'Consultado {when}.',
  'updates.available': 'A versão {version} está disponível.',
  'updates.notes': 'O que há de novo',
  'updates.install': 'Instalar e reiniciar',
  'updates.install.text': 'As sessões são fechadas em ordem e voltam sozinhas, sem escanear de novo.',
  'updates.install.again': 'Tentar de novo',
  'updates.downloading': 'Baixando a versão {version}',
  'updates.received': '{received} de {total}',
  'updates.installing': 'Instalando a versão {version}. O programa reinicia em um momento.',
  'updates.failure.OFFLINE':
    'Não foi possível chegar ao site do programa. Verifique a conexão e tente de novo.',
  'updates.failure.BAD_ANSWER': 'O site do programa respondeu algo que não se entende. Tente mais tarde.',
  'updates.failure.NOT_FOR_THIS_SYSTEM': 'Há uma versão nova, mas não para este sistema.',
  'updates.failure.NOT_SIGNED':
    'O que chegou não tem a assinatura de quem faz o programa, por isso não foi instalado. Se acontecer de novo, baixe a versão nova manualmente.',
  'updates.failure.NOT_WRITABLE':
    'Não foi possível substituir o programa: falta permissão ou espaço na pasta dele. A versão anterior continua.',
  'updates.failure.FAILED': 'Não foi possível atualizar. O registro tem os detalhes.',
  'banner.update.title': 'Há uma versão nova',
  'banner.update.text': 'A {version} está pronta para ser instalada nas configurações.',
  'banner.update.open': 'Abrir configurações',
  'banner.update.later': 'Mais tarde',
};
