//! Ctrl+C, once and twice.

use std::process::Command;

use serde_json::json;

use crate::harness::{TestServer, long, small, with};

fn interrupt(server: &TestServer) {
    let sent = Command::new("kill").args(["-INT", &server.id().to_string()]).status().expect("kill starts");
    assert!(sent.success());
}

#[test]
fn the_running_job_is_answered_and_the_waiting_one_refused() {
    let server = TestServer::start(&[]);
    std::thread::scope(|scope| {
        let request = with(long(), json!({"width": 128, "height": 128, "batch_size": 2}));
        let running = scope.spawn({
            let (server, request) = (&server, request);
            move || server.post("txt2img", &request)
        });
        server.wait_for_steps();
        let waiting = scope.spawn(|| server.post("txt2img", &small()));
        server.wait_for("one waits", |progress| progress["state"]["queue_length"] == 1);
        interrupt(&server);
        let (status, answer) = waiting.join().expect("an answer");
        assert!(status == 503 && answer["errors"].as_str().expect("a sentence").contains("shutting down"), "{answer}");
        let (status, answer) = running.join().expect("an answer");
        assert_eq!((status, answer["images"].as_array().map(Vec::len)), (200, Some(2)));
    });
    let address = server.address.clone();
    let (code, text) = server.wait_for_end();
    assert!(code == Some(0) && text.contains("Press Ctrl+C again"), "{code:?} {text}");
    assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[test]
fn the_second_one_ends_it_at_once() {
    let server = TestServer::start(&[]);
    let _running = server.send_and_hold("txt2img", &long());
    server.wait_for_steps();
    interrupt(&server);
    std::thread::sleep(std::time::Duration::from_millis(300));
    interrupt(&server);
    assert_eq!(server.wait_for_end().0, Some(130));
}

#[test]
fn an_idle_server_ends_at_once() {
    let server = TestServer::start(&[]);
    assert_eq!(server.get("options").0, 200);
    interrupt(&server);
    assert_eq!(server.wait_for_end().0, Some(0));
}
