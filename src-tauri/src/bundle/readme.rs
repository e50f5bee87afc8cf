//! `README.txt`: what is in a bundle, and what is not, for whoever opens it before passing it on.

use session_api::dto::Language;
use session_api::support::BundleWish;

/// The text, in the language of the person.
pub(super) fn text(language: Language, wish: &BundleWish, running: bool) -> String {
    let mut text = match language {
        Language::Es => ES,
        Language::En => EN,
        Language::Pt => PT,
    }
    .to_owned();
    let (no_pictures, no_names, stopped) = match language {
        Language::Es => (
            "Se pidió sin imágenes: no hay ninguna.\n",
            "Se pidió sin los nombres de los clientes.\n",
            "El programa no participó (estaba cerrado, o no se le pudo preguntar): falta lo que solo él sabe.\n",
        ),
        Language::En => (
            "It was asked for without pictures: there are none.\n",
            "It was asked for without the names of clientes.\n",
            "The program took no part (it was closed, or could not be asked): what only it knows is missing.\n",
        ),
        Language::Pt => (
            "Foi pedido sem imagens: não há nenhuma.\n",
            "Foi pedido sem os nomes dos clientes.\n",
            "O programa não participou (estava fechado, ou não pôde ser consultado): falta o que só ele sabe.\n",
        ),
    };
    for (holds, line) in [
        (!wish.pictures, no_pictures),
        (!wish.names, no_names),
        (!running, stopped),
    ] {
        if holds {
            text.push_str(line);
        }
    }
    text
}

const ES: &str = "\
Paquete de soporte de Session Manager

Lo reunió el programa en esta máquina. No se envió a ninguna parte: tú decides a quién se lo das.
Todo son archivos de texto o imágenes PNG: puedes abrirlos y mirar antes de pasarlos.

Qué hay
  about.json       versiones del programa, del sistema y del navegador; memoria y disco libres
  settings.json    los ajustes y las opciones con que se inició, sin secretos
  clientes.json    cada cliente con su número enmascarado, su estado y su motivo
  timeline/        los cambios de estado de cada cliente
  api-calls.json   qué rutas de la API local se llamaron y qué respondieron
  webhooks.json    a qué servidores se avisa, sin el resto de la dirección
  metrics.txt      los contadores
  database.json    si la base de datos está sana y cuánto ocupa
  profiles.json    cuánto ocupan los inicios de sesión guardados y de cuándo son
  logs/            los registros, los más nuevos primero
  screenshots/     imágenes de las sesiones con problemas: formas, sin códigos QR ni chats
  diagnostics/     las imágenes que se guardaron cuando algo falló

Qué no hay
  Ni mensajes, ni contactos, ni códigos QR o de vinculación, ni claves, ni inicios de sesión, ni la base de datos.
  Los números, las claves, las direcciones, tu usuario y el nombre de esta máquina se tapan en cada línea.

";

const EN: &str = "\
Support bundle of Session Manager

The program collected this on this machine. It was sent nowhere: you decide whom you give it to.
All of it is text files or PNG pictures: you can open and read them before you pass them on.

What is in it
  about.json       versions of the program, the system and the browser; free memory and disk
  settings.json    the settings, and the options it was started with, without secrets
  clientes.json    each cliente with its number masked, its state and why
  timeline/        the changes of state of each cliente
  api-calls.json   which routes of the local API were called, and what they answered
  webhooks.json    which servers are told, without the rest of the address
  metrics.txt      the counters
  database.json    whether the database is whole, and its size
  profiles.json    the size and age of the saved logins
  logs/            the logs, the newest first
  screenshots/     pictures of sessions in trouble: shapes, without QR codes or chats
  diagnostics/     the pictures that were kept when something failed

What is not in it
  No messages, no contacts, no QR or pairing codes, no keys, no logins, and not the database.
  Numbers, keys, addresses, your user and the name of this machine are covered in every line.

";

const PT: &str = "\
Pacote de suporte do Session Manager

O programa o reuniu nesta máquina. Não foi enviado a lugar nenhum: você decide a quem entregar.
São só arquivos de texto e imagens PNG: você pode abrir e olhar antes de passar adiante.

O que há
  about.json       versões do programa, do sistema e do navegador; memória e disco livres
  settings.json    os ajustes e as opções com que foi iniciado, sem segredos
  clientes.json    cada cliente com o número mascarado, o estado e o motivo
  timeline/        as mudanças de estado de cada cliente
  api-calls.json   que rotas da API local foram chamadas e o que responderam
  webhooks.json    que servidores são avisados, sem o resto do endereço
  metrics.txt      os contadores
  database.json    se o banco de dados está íntegro e quanto ocupa
  profiles.json    quanto ocupam os logins salvos e de quando são
  logs/            os registros, os mais novos primeiro
  screenshots/     imagens das sessões com problemas: formas, sem códigos QR nem conversas
  diagnostics/     as imagens guardadas quando algo falhou

O que não há
  Nem mensagens, nem contatos, nem códigos QR ou de pareamento, nem chaves, nem logins, nem o banco de dados.
  Números, chaves, endereços, seu usuário e o nome desta máquina são cobertos em cada linha.

";
