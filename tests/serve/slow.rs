//! Clients that send or take bytes too slowly.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use underpaint::diffusion::LocalEngine;
use underpaint::engine::{ModelChoice, Runtime};
use underpaint::models::FoundModels;
use underpaint::prompts::{StyleList, Wildcards};
use underpaint::server::{Server, ServerError, ServerLimits, ServerSetup, Stop};

/// A server in this process with little patience.
fn impatient() -> (SocketAddr, Stop, JoinHandle<Result<(), ServerError>>) {
    let short = Duration::from_millis(300);
    let limits = ServerLimits { head_time: short, pause: short, body_time: short * 4, ..ServerLimits::default() };
    let server = Server::bind(ServerSetup {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        credentials: None,
        limits,
        model: ModelChoice::Starter,
        runtime: Runtime::default(),
        make_engine: Box::new(|| Box::new(LocalEngine::new(Runtime::default()))),
        find_models: Box::new(|| Ok(FoundModels::default())),
        styles: StyleList::default(),
        wildcards: Wildcards::default(),
    });
    let server = server.expect("listens");
    let (address, stop) = (server.address(), server.stop_handle());
    (address, stop, std::thread::spawn(move || server.run()))
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connects");
    stream.set_read_timeout(Some(crate::harness::PATIENCE)).expect("a timeout");
    stream
}

#[test]
fn slow_clients_are_given_up_and_the_server_ends_when_it_should() {
    let (address, stop, server) = impatient();
    let mut text = String::new();
    // A head that never ends: the connection is closed.
    let mut slow = connect(address);
    slow.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n").expect("writes");
    let _ = slow.read_to_string(&mut text);
    assert!(text.is_empty() || text.contains("408"), "{text}");
    // A body that never ends: told so.
    text.clear();
    let mut slow = connect(address);
    slow.write_all(b"POST /sdapi/v1/txt2img HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        .expect("writes");
    let _ = slow.read_to_string(&mut text);
    assert!(text.contains(" 408 ") && text.contains("too slowly"), "{text}");
    // A body that comes byte by byte for longer than all of it may take.
    text.clear();
    let mut slow = connect(address);
    slow.write_all(b"POST /sdapi/v1/txt2img HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
        .expect("writes");
    while slow.write_all(b" ").is_ok() && text.is_empty() {
        slow.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
        let mut answer = [0; 4096];
        match slow.read(&mut answer) {
            Ok(0) => break,
            Ok(count) => text.push_str(&String::from_utf8_lossy(&answer[..count])),
            Err(_) => {}
        }
    }
    assert!(text.contains(" 408 "), "{text}");
    // An idle connection is closed, and a quick client is answered.
    text.clear();
    let mut quick = connect(address);
    quick.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("writes");
    quick.read_to_string(&mut text).expect("an answer, and the end");
    assert!(text.contains(" 200 ") && text.contains("underpaint"), "{text}");
    assert!(!stop.stop() && stop.stop(), "the second time it was asked for before");
    server.join().expect("no panic").expect("no error");
}

#[test]
fn a_client_that_takes_no_answers_is_given_up() {
    let (address, stop, server) = impatient();
    let mut greedy = connect(address);
    greedy.set_write_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let request = b"GET /sdapi/v1/samplers HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200);
    // Answers that nobody reads fill what the system keeps of them; then the server stops reading, and gives up.
    let ended = (0..10_000).any(|_| greedy.write_all(&request).is_err());
    assert!(ended, "the server should have closed the connection");
    stop.stop();
    server.join().expect("no panic").expect("no error");
}
