/** Brazilian Portuguese: what a field or a part of the program is, in two short sentences. */
import type { FieldTexts } from './catalogue';

export const fields: FieldTexts = {
  'field.about': 'O que é: {name}',
  'field.id':
    'Um número que distingue este cliente dos outros e nunca muda. Se nenhum outro programa o pedir, deixe vazio.',
  'field.number':
    'O número de WhatsApp completo: código do país, DDD e linha, como +55 11 91234-5678 ou +54 9 11 5555-1234. Espaços e traços não importam.',
  'field.api':
    'Uma porta para outros programas deste computador enviarem mensagens e consultarem estados. Se você não conecta nenhum programa, pode desligá-la.',
  'field.port':
    'O número da porta neste computador; os programas conectados o levam no endereço. Mude só se outro programa já o usar.',
  'field.key':
    'Uma senha longa que um programa mostra a cada chamada, para que só entrem os seus. Dê uma a cada programa: assim você pode tirar uma sem mexer nas outras.',
  'field.origin':
    'O endereço de uma página web até o domínio, como https://painel.example.com. Os navegadores só deixam usar a API as páginas desta lista.',
  'field.capacity':
    'Cada sessão em execução abre um navegador e usa entre 150 e 400 MB de memória. As que não cabem dormem e acordam ao enviar uma mensagem.',
  'field.webhook':
    'Um endereço seu ao qual este programa avisa quando algo acontece, sem ninguém perguntar. Serve para um painel, um CRM ou uma automação.',
  'field.webhookUrl':
    'O endereço que o programa que recebe os avisos lhe deu, completo e com https:// na frente. Cada aviso chega lá como um POST em JSON.',
  'field.oldFolder':
    'O lugar onde o outro programa guarda os logins, por exemplo /opt/wpp ou C:\\wpp. Abra-o no gerenciador de arquivos e copie o caminho.',
};
