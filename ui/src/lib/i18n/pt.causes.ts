/** Brazilian Portuguese: what to do now where a cause, a step or a failed command asks for more. Steps are one a line. */
import type { CauseTexts } from './catalogue';

export const causes: CauseTexts = {
  // Situations that are finer than a state.
  'help.offline.means': 'Falhou por falta de conexão e espera a rede voltar.',
  'help.offline.steps':
    'Abra uma página qualquer neste computador: se não carregar, o problema é a internet dele.\nVerifique o cabo, o wi-fi ou o roteador.\nQuando voltar, clique em “Reiniciar agora” ou espere: ela se conecta sozinha.',
  'help.offline.itself':
    'Tenta de novo e de novo, no máximo a cada cinco minutos, até haver rede. O login não se perde.',
  'help.losing.means': 'A página do WhatsApp perdeu a conexão há pouco e está recuperando.',
  'help.losing.steps':
    'Espere um minuto: quase sempre volta sozinha.\nSe demorar mais, verifique se este computador tem internet.',
  'help.losing.itself': 'Espera ela voltar e, se não voltar, recarrega a página e tenta de novo.',
  'help.reloading.means': 'A página do WhatsApp deixou de funcionar bem e está sendo recarregada.',
  'help.reloading.steps': 'Espere: costuma levar menos de um minuto.\nO celular não é necessário.',
  'help.reloading.itself': 'Recarrega a página; se não bastar, abre o navegador de novo. O login é mantido.',
  'help.QR_number.means': 'O WhatsApp espera que um celular conecte este computador com um código de letras.',
  'help.QR_number.steps':
    'Escreva o número da conta, com o código do país, e clique em “Pedir código”.\nNo celular: WhatsApp → Menu → Dispositivos conectados → “Conectar com número de telefone”.\nDigite o código lá; se expirar, peça outro.',
  'help.QR_number.itself': 'Mostra o código que o WhatsApp dá e o retira quando já não serve.',
  'help.QR_waiting.means': 'O código QR está a caminho.',
  'help.QR_waiting.steps': 'Espere alguns segundos até ele aparecer.\nDeixe à mão o celular da conta.',
  'help.QR_waiting.itself': 'Pede o código ao WhatsApp e o mostra assim que chega.',
  'help.QR_idle.means': 'O WhatsApp deixou de renovar o código porque ninguém o escaneou.',
  'help.QR_idle.steps': 'Deixe à mão o celular da conta.\nClique em “Pedir outro QR” e escaneie.',
  'help.QR_idle.itself': 'Pede um código novo uma vez; depois espera alguém pedir.',
  'help.QR_linking.means': 'O celular aceitou o código e o WhatsApp está conectando este computador.',
  'help.QR_linking.steps':
    'Deixe o WhatsApp aberto no celular e não bloqueie a tela.\nEspere: com muitas conversas pode levar alguns minutos.',
  'help.QR_linking.itself': 'Acompanha a cópia das conversas. Se não avançar, pede um código novo.',
  'help.QR_passkey.means': 'O WhatsApp pede a chave de acesso do dono da conta antes de conectar.',
  'help.QR_passkey.steps':
    'Clique em “Mostrar navegador”: o WhatsApp dá um código novo.\nEscaneie de novo.\nConfirme a chave de acesso nessa janela.',
  'help.QR_passkey_visible.steps':
    'Clique em “Trazer navegador para a frente” se não vir a janela.\nSiga lá o que o WhatsApp pede e confirme a chave de acesso.',
  'help.QR_passkey.itself':
    'Espera o tempo que for preciso. Depois de confirmada, a sessão se conecta sozinha.',
  // Causes, in a state that somebody has to end.
  'help.reason.CLEANED_UP.steps':
    'Clique em “Iniciar”.\nEscaneie o código QR se aparecer; com um login salvo não é preciso.',
  'help.reason.LOGIN_EXPIRED.steps':
    'Escaneie o código com o celular que tem esta conta.\nSe ninguém da sua equipe a removeu, veja nesse celular os dispositivos conectados.',
  'help.reason.LOGGED_OUT.steps':
    'Clique em “Reiniciar” e escaneie o código QR.\nUse o celular que tem esta conta.\nSe ninguém da sua equipe o removeu, veja nesse celular os dispositivos conectados.',
  'help.reason.LOGGED_OUT_HERE.steps':
    'Se quiser usá-la de novo, clique em “Reiniciar”.\nEscaneie o código QR com o celular que tem esta conta.',
  'help.reason.UNPAIRED.steps':
    'O WhatsApp desconecta os computadores quando o celular fica uns 14 dias sem conexão.\nConecte o celular à internet e abra o WhatsApp nele.\nClique em “Reiniciar” e escaneie o código.',
  'help.reason.CONFLICT.steps':
    'O WhatsApp Web desta conta foi aberto em outro navegador ou programa.\nFeche por lá, para que não aconteça de novo.\nClique em “Usar aqui”.',
  'help.reason.BANNED.steps':
    'Abra o WhatsApp no celular: se houver uma contagem regressiva, o bloqueio é temporário; espere terminar.\nSe não houver, peça a análise por lá.\nQuando o celular voltar a funcionar, clique em “Reiniciar”.',
  'help.reason.BLOCKED.steps':
    'Abra o WhatsApp no celular e siga o que ele pede: pode querer verificar o número de novo.\nQuando o celular voltar a funcionar, clique em “Reiniciar”.',
  'help.reason.RESTRICTED.steps':
    'É temporário: abra o WhatsApp no celular e veja quanto falta.\nEnquanto durar, não escreva para números novos nem conecte outros computadores.\nQuando terminar, clique em “Reiniciar”.',
  'help.reason.TOS_BLOCK.steps':
    'Abra o WhatsApp no celular e peça a análise.\nReveja o que é enviado: mensagens em massa, ou a quem não as pediu, são a causa mais comum.\nSe for liberado, clique em “Reiniciar”.',
  'help.reason.NETWORK_LOST.steps':
    'Abra uma página qualquer neste computador: se não carregar, o problema é a internet dele.\nVerifique o cabo, o wi-fi ou o roteador.\nEspere: quando a rede voltar, ela se conecta sozinha, sem escanear.',
  'help.reason.PROXYBLOCK.steps':
    'Se você usa VPN ou proxy, tente sem eles.\nPeça a quem administra a rede que libere web.whatsapp.com e whatsapp.net.\nEspere: ela tenta de novo sozinha.',
  'help.reason.PAGE_UNREACHABLE.steps':
    'Abra web.whatsapp.com em outro navegador neste computador.\nSe não carregar, verifique a conexão, a VPN ou o firewall.\nQuando carregar, clique em “Reiniciar”.',
  'help.reason.OUTDATED_VERSION.steps':
    'Atualize o navegador e este programa.\nFeche o programa e abra-o de novo.\nSe não iniciar sozinha, clique em “Reiniciar”.',
  'help.reason.STORAGE_FAILED.steps':
    'Verifique se resta espaço no disco.\nClique em “Reiniciar”.\nSe acontecer de novo, crie um “Pacote de suporte” no menu do cartão e peça ajuda.',
  'help.reason.BROWSER_NOT_FOUND.steps':
    'Instale Google Chrome, Chromium, Microsoft Edge ou Brave.\nClique em “Verificar de novo” no aviso acima.\nClique em “Reiniciar” no cartão.',
  'help.reason.SANDBOX_UNAVAILABLE.steps':
    'Abra o programa com um usuário comum, não como root.\nSe for um servidor ou contêiner, quem o administra precisa permitir namespaces de usuário.\nClique em “Reiniciar”.',
  'help.reason.PROFILE_IN_USE.steps':
    'Outro navegador está com a pasta deste cliente aberta.\nFeche-o, ou reinicie o computador se não o encontrar.\nClique em “Reiniciar”.',
  'help.reason.PROFILE_UNUSABLE.steps':
    'Verifique se resta espaço no disco.\nVerifique se seu usuário pode escrever na pasta de dados; as Configurações dizem qual é.\nClique em “Reiniciar”.',
  'help.reason.LAUNCH_FAILED.steps':
    'Feche programas que não usa: pode faltar memória.\nClique em “Reiniciar”.\nSe acontecer de novo, atualize ou reinstale o navegador.',
  'help.reason.KEEPS_FAILING.steps':
    'Feche programas e abas que não usa: costuma faltar memória.\nNas Configurações, diminua o máximo de sessões ao mesmo tempo.\nClique em “Reiniciar”.',
  'help.reason.INTERNAL_FAILURE.steps':
    'Clique em “Reiniciar”.\nSe acontecer de novo, crie um “Pacote de suporte” no menu do cartão e envie.',
  'help.reason.CAPACITY_REACHED.steps':
    'Pare ou coloque em repouso uma sessão que não usa.\nOu aumente o máximo de sessões nas Configurações.\nClique em “Reiniciar”.',
  'help.reason.CALLS_FAILING.steps':
    'Espere um minuto: ela tenta sozinha de novo.\nSe continuar igual, escolha “Reiniciar sessão” no menu do cartão.',
  'help.reason.BRIDGE_OUTDATED.steps':
    'Atualize este programa: o WhatsApp mudou e esta versão não consegue mais enviar.\nSe for urgente, escolha “Mostrar navegador” no menu do cartão e escreva lá à mão.',
  // Commands that failed, where one line of advice is too little.
  'help.error.SEND_FAILED.steps':
    'Confira o número: com código do país e sem zeros na frente.\nAbra essa conversa no celular e veja se o número usa WhatsApp.\nEnvie de novo; se ainda falhar, reinicie a sessão pelo menu do cartão.',
  'help.error.PAIRING_REFUSED.steps':
    'Compare o número com o que o WhatsApp mostra no celular, nas configurações.\nSe já pediu vários códigos, espere alguns minutos.\nSe ainda não vier, escaneie o código QR.',
  'help.error.INSUFFICIENT_STORAGE.steps':
    'Esvazie a lixeira e apague arquivos grandes que não usa.\nEspere um momento: o programa percebe sozinho.\nInicie a sessão de novo.',
  'help.error.STORE_UNAVAILABLE.steps':
    'Verifique se resta espaço no disco.\nVerifique se seu usuário pode escrever na pasta de dados; as Configurações dizem qual é.\nFeche o programa e abra-o de novo.',
  'help.error.NO_WINDOW.steps':
    'Use o computador na própria tela: por uma conexão sem área de trabalho não dá para mostrar.\nInstale um Chromium, Chrome, Edge ou Brave completo, não a versão sem janela.\nTente de novo.',
  'help.error.DELETE_FAILED.steps':
    'Feche navegadores e programas de backup ou antivírus que usem a pasta de dados.\nTente de novo.\nSe acontecer de novo, reinicie o computador e apague então.',
  'help.error.PAGE_FAILED.steps':
    'Espere um minuto e tente de novo.\nSe acontecer de novo, reinicie a sessão pelo menu do cartão.\nSe nem assim, veja se há uma versão nova deste programa.',
  'help.error.UNREACHABLE.steps':
    'Veja se o Session Manager continua aberto no computador onde roda, e abra-o se não.\nRecarregue esta página.',
  'help.error.INTERNAL_ERROR.steps':
    'Tente de novo.\nSe acontecer de novo, feche o programa e abra-o de novo.\nSe continuar, copie os detalhes e envie ao suporte com um pacote de suporte.',
};
