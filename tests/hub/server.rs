//! A small HTTP server whose answers a test decides.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it arrived; header names are in lower case.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The bytes that a `Range` header asks for, of a file of this size.
    pub fn range(&self, size: usize) -> Option<std::ops::Range<usize>> {
        let (start, end) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        let end = end.parse::<usize>().map_or(size, |last| (last + 1).min(size));
        Some(start.parse().ok()?..end)
    }
}

/// The connection that an answer is written to.
pub struct Reply {
    stream: TcpStream,
    is_head: bool,
    body_bytes: Arc<AtomicU64>,
}

impl Reply {
    /// A whole answer.
    pub fn send(&mut self, status: u16, headers: &[(&str, &str)], body: &[u8]) {
        self.begin(status, headers, Some(body.len()));
        self.body(body);
    }

    /// Status and headers; the length is what they say, not what follows.
    pub fn begin(&mut self, status: u16, headers: &[(&str, &str)], length: Option<usize>) {
        let mut text = format!("HTTP/1.1 {status} Status\r\nConnection: close\r\n");
        if let Some(length) = length {
            text.push_str(&format!("Content-Length: {length}\r\n"));
        }
        headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
        text.push_str("\r\n");
        let _ = self.stream.write_all(text.as_bytes());
    }

    /// A part of the body. What the other side did not want any more counts as well.
    pub fn body(&mut self, bytes: &[u8]) {
        if !self.is_head {
            for chunk in bytes.chunks(16 << 10) {
                self.body_bytes.fetch_add(chunk.len() as u64, Ordering::SeqCst);
                if self.stream.write_all(chunk).is_err() {
                    return;
                }
            }
        }
    }

    /// Says nothing until the other side gives up.
    pub fn hang(&mut self) {
        let _ = self.stream.set_read_timeout(Some(Duration::from_secs(60)));
        let _ = self.stream.read(&mut [0; 64]);
    }
}

type Handler = dyn Fn(&Seen, &mut Reply) + Send + Sync;

/// A server on a port of its own, until the test's process ends.
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub address: String,
    log: Arc<Mutex<Vec<Seen>>>,
    body_bytes: Arc<AtomicU64>,
}

impl Server {
    pub fn start(handler: impl Fn(&Seen, &mut Reply) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (log, body_bytes) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::<AtomicU64>::default());
        let (handler, seen, counted): (Arc<Handler>, _, _) =
            (Arc::new(handler), Arc::clone(&log), Arc::clone(&body_bytes));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, seen, counted) = (Arc::clone(&handler), Arc::clone(&seen), Arc::clone(&counted));
                std::thread::spawn(move || {
                    let Some(request) = read_request(&stream) else { return };
                    seen.lock().expect("the log").push(request.clone());
                    let is_head = request.method == "HEAD";
                    handler(&request, &mut Reply { stream, is_head, body_bytes: counted });
                });
            }
        });
        Self { address, log, body_bytes }
    }

    /// Every request so far.
    pub fn log(&self) -> Vec<Seen> {
        self.log.lock().expect("the log").clone()
    }

    /// How many requests there were.
    pub fn count(&self) -> usize {
        self.log.lock().expect("the log").len()
    }

    /// How many bytes of bodies were sent.
    pub fn body_bytes(&self) -> u64 {
        self.body_bytes.load(Ordering::SeqCst)
    }
}

fn read_request(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim().split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    Some(Seen { method, path, headers })
}
