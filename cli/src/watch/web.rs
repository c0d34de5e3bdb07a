//! The view of a run or a module as a page, for browsers on this computer.
//!
//! Everything the page consists of is in this program; it asks for nothing but `/state.json`, once
//! a second.

mod guard;
mod page;
mod snapshot;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tiny_http::{Header, Request, Response, Server};

use super::State;
use crate::error::{Error, Result};

/// Port of the page if none is asked for.
pub const PORT: u16 = 7383;
/// Requests that are answered at the same time.
const THREADS: usize = 4;

/// What the page shows; others change it while it is shown.
#[derive(Clone)]
pub struct Board(Arc<Mutex<Shown>>);

struct Shown {
    /// Where it comes from, for people.
    source: String,
    state: State,
    heard: Instant,
    /// How long nothing had been heard when watching began.
    silent_before: Duration,
}

impl Board {
    /// Of a source that was silent for so long.
    #[must_use]
    pub fn new(source: &str, silent_before: Duration) -> Self {
        let (source, state, heard) = (source.to_owned(), State::default(), Instant::now());
        Self(Arc::new(Mutex::new(Shown { source, state, heard, silent_before })))
    }

    /// Shows how things are now; `is_news` if that was heard just now.
    pub fn show(&self, state: &State, is_news: bool) {
        let mut shown = self.lock();
        shown.state = state.clone();
        if is_news {
            shown.heard = Instant::now();
            shown.silent_before = Duration::ZERO;
        }
    }

    fn json(&self) -> Value {
        let shown = self.lock();
        let silence = shown.heard.elapsed() + shown.silent_before;
        snapshot::json(&shown.source, &shown.state, silence)
    }

    /// What is shown is always whole: a thread that failed leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page that is being served, until the program ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where browsers of this computer find it.
    pub url: String,
}

impl Page {
    /// Serves `board` to this computer and nobody else; port 0 is any that is free.
    ///
    /// # Errors
    /// `monitor/port` if the port cannot be had.
    pub fn serve(port: u16, board: &Board) -> Result<Self> {
        let refused = |error: &dyn std::fmt::Display| no_port(port, error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|e| refused(&e))?;
        let address: SocketAddr = listener.local_addr().map_err(|e| refused(&e))?;
        let server = Server::from_listener(listener, None).map_err(|e| refused(&e))?;
        let server = Arc::new(server);
        for _ in 0..THREADS {
            let (server, board) = (Arc::clone(&server), board.clone());
            std::thread::spawn(move || server.incoming_requests().for_each(|r| answer(r, &board)));
        }
        Ok(Self { url: format!("http://{address}/") })
    }
}

fn no_port(port: u16, error: &dyn std::fmt::Display) -> Error {
    let what = format!("the page cannot have port {port} of 127.0.0.1: {error}");
    Error::usage("monitor/port", what)
        .cause("another program uses the port, perhaps another `deku monitor --web`, or it is below 1024")
        .fix("choose another one with --port N; --port 0 takes any that is free")
}

/// Answers one request. There is nobody to tell if the browser is gone.
fn answer(request: Request, board: &Board) {
    let host: Vec<&str> = request
        .headers()
        .iter()
        .filter(|header| header.field.equiv("Host"))
        .map(|header| header.value.as_str())
        .collect();
    let path = request.url().split(['?', '#']).next().unwrap_or_default();
    let reply = match guard::refusal(request.method(), &host) {
        Some((status, text)) => plain(status, text),
        None => match path {
            "/" => html(),
            "/state.json" => json(&board.json()),
            _ => plain(404, "There are two things here: / and /state.json."),
        },
    };
    let _ = request.respond(reply);
}

type Reply = Response<std::io::Cursor<Vec<u8>>>;

fn html() -> Reply {
    let reply = reply(200, "text/html; charset=utf-8", page::text());
    with(reply, "Content-Security-Policy", page::policy())
}

fn json(value: &Value) -> Reply {
    reply(200, "application/json; charset=utf-8", &value.to_string())
}

fn plain(status: u16, text: &str) -> Reply {
    let reply = reply(status, "text/plain; charset=utf-8", &format!("{text}\n"));
    if status == 405 {
        return with(reply, "Allow", "GET, HEAD");
    }
    reply
}

fn reply(status: u16, kind: &str, body: &str) -> Reply {
    let reply = Response::from_string(body).with_status_code(status);
    [
        ("Content-Type", kind),
        ("Cache-Control", "no-store"),
        // Pages of others may neither embed nor read any of it.
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]
    .into_iter()
    .fold(reply, |reply, (name, value)| with(reply, name, value))
}

fn with(reply: Reply, name: &str, value: &str) -> Reply {
    match Header::from_bytes(name, value) {
        Ok(header) => reply.with_header(header),
        Err(()) => reply,
    }
}
