//! Encrypted connections, with an authority of this test's own (`tls/`, which is good for nothing else).

#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::fake_hub::{FakeHub, noise};
use crate::programs::fetch;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hub/tls/");

/// A server that decrypts what it gets and passes it on to one without encryption; returns its port.
fn encrypted(plain: &str) -> u16 {
    let certificates = CertificateDer::pem_file_iter(format!("{FOLDER}server.pem")).expect("a file");
    let certificates = certificates.map(|certificate| certificate.expect("a certificate")).collect();
    let key = PrivateKeyDer::from_pem_file(format!("{FOLDER}server.key")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .expect("fits");
    let (config, plain) = (Arc::new(config), plain.trim_start_matches("http://").to_owned());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(connection) = ServerConnection::new(Arc::clone(&config)) else { return };
            let mut client = StreamOwned::new(connection, client);
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|count| count > 0) {
                head.push(byte[0]);
            }
            let mut server = TcpStream::connect(&plain).expect("connects");
            let _ = server.write_all(&head).and_then(|()| std::io::copy(&mut server, &mut client).map(drop));
            client.conn.send_close_notify();
            let _ = client.flush();
        }
    });
    port
}

fn fetched(hub: &FakeHub, file: &str, trusts: bool) -> Output {
    let port = encrypted(&hub.hub.address);
    let mut command = fetch(hub, &[&format!("a/b:{file}")]);
    command.env("HF_ENDPOINT", format!("https://localhost:{port}")).env_remove("SSL_CERT_FILE");
    if trusts {
        command.env("SSL_CERT_FILE", format!("{FOLDER}authority.pem"));
    }
    command.output().expect("starts")
}

#[test]
fn a_file_is_fetched_over_an_encrypted_connection() {
    let hub = FakeHub::new();
    hub.put("config.json", &noise(50_000, 80), false);
    let output = fetched(&hub, "config.json", true);
    assert!(output.status.success(), "{output:?}");
    let path = String::from_utf8(output.stdout).expect("text");
    assert!(std::fs::read(path.trim()).expect("reads") == noise(50_000, 80));
}

#[test]
fn a_server_that_nobody_vouches_for_is_not_trusted() {
    let hub = FakeHub::new();
    hub.put("config.json", b"{}", false);
    let output = fetched(&hub, "config.json", false);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("No safe connection to localhost is possible"), "{said}");
    assert!(said.contains("check this machine's clock and certificates"), "{said}");
    assert_eq!(hub.hub.count(), 0);
}

#[test]
fn encryption_is_never_left_on_the_way() {
    // The second server has no encryption.
    let hub = FakeHub::with_model(&noise(5000, 81));
    let output = fetched(&hub, "model.safetensors", true);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("localhost refers to an address without encryption, 127.0.0.1, which is not followed."),
        "{said}"
    );
    assert_eq!(hub.contents.count(), 0);
}
