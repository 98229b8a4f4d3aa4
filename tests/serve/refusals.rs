//! Who may not ask, and where the server does not listen.

use std::io::Read;
use std::process::Command;

use crate::harness::TestServer;

fn status(server: &TestServer, head: &str) -> u16 {
    let mut stream = server.raw(&format!("{head}Connection: close\n\n"), b"");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {text}"))
}

#[test]
fn web_pages_of_others_may_not_use_it() {
    let server = TestServer::start(&[]);
    let get = "GET /sdapi/v1/options HTTP/1.1\n";
    let own = format!("Host: {}\n", server.address);
    assert_eq!(status(&server, &format!("{get}{own}")), 200);
    assert_eq!(status(&server, &format!("{get}Host: localhost\n")), 200);
    for host in
        ["Host: evil.example\n", "Host: evil.example:7860\n", "Host: \n", "Host: localhost\nHost: evil.example\n"]
    {
        assert_eq!(status(&server, &format!("{get}{host}")), 403, "{host}");
    }
    assert_eq!(status(&server, &format!("{get}{own}Origin: http://{}\n", server.address)), 200);
    let post = "POST /sdapi/v1/interrupt HTTP/1.1\nContent-Length: 0\n";
    for origin in ["https://evil.example", "null", "http://localhost:1"] {
        assert_eq!(status(&server, &format!("{post}{own}Origin: {origin}\n")), 403, "{origin}");
    }
    // No page is allowed to read an answer.
    let mut stream = server.raw(&format!("{get}{own}Connection: close\n\n"), b"");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    assert!(!text.to_lowercase().contains("access-control"), "{text}");
}

#[test]
fn a_password_is_asked_for_at_every_address() {
    let server = TestServer::start(&["--api-auth", "anna:se:cret"]);
    let own = format!("Host: {}\n", server.address);
    for path in ["/sdapi/v1/options", "/sdapi/v1/progress", "/", "/nothing"] {
        let get = format!("GET {path} HTTP/1.1\n{own}");
        assert_eq!(status(&server, &get), 401, "{path}");
        assert_eq!(status(&server, &format!("{get}Authorization: Basic YW5uYTp3cm9uZw==\n")), 401, "{path}");
    }
    let get = format!("GET /sdapi/v1/options HTTP/1.1\n{own}");
    assert_eq!(status(&server, &format!("{get}Authorization: Basic YW5uYTpzZTpjcmV0\n")), 200);
    let mut stream = server.raw(&format!("{get}Connection: close\n\n"), b"");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    assert!(text.to_lowercase().contains("www-authenticate: basic") && text.contains("Incorrect username"), "{text}");
}

#[test]
fn it_does_not_start_where_others_could_use_it_or_the_address_is_taken() {
    let failure = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_underpaint"))
            .args(arguments)
            .env_remove("UNDERPAINT_API_AUTH")
            .output()
            .expect("the program starts");
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for address in ["0.0.0.0:0", "[::]:0"] {
        let text = failure(&["serve", "--listen", address]);
        assert!(text.contains("a password is needed: --api-auth"), "{text}");
    }
    assert!(failure(&["serve", "--listen", "nowhere"]).contains("give an address and a port"));
    assert!(failure(&["serve", "--api-auth", "anna"]).contains("USER:PASS"));
    assert!(failure(&["serve", "--out", "/tmp"]).contains("no use for --out"));
    let first = TestServer::start(&[]);
    let text = failure(&["serve", "--listen", &first.address]);
    assert!(text.contains("cannot be listened on") && text.lines().count() == 1, "{text}");
}
