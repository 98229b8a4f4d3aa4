//! Requests that cannot be understood get one sentence, and the server goes on.

use std::io::{Read, Write};
use std::net::Shutdown;

use serde_json::{Value, json};

use crate::harness::{Answer, TestServer, base64_of, sketch, small, with};

fn sentence((status, body): Answer) -> (u16, String) {
    for field in ["error", "detail", "body", "errors"] {
        assert!(body.get(field).is_some(), "{field} is missing: {body}");
    }
    (status, body["errors"].as_str().expect("a sentence").to_owned())
}

/// The status and the text of an answer on a bare connection.
fn read(mut stream: std::net::TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, text)
}

#[test]
fn each_mistake_has_its_sentence() {
    let server = TestServer::start(&[]);
    let picture = base64_of(&sketch(64, 64));
    let txt = |fields: Value| sentence(server.post("txt2img", &with(small(), fields)));
    let img = |fields: Value| sentence(server.post("img2img", &with(small(), fields)));
    let cases = [
        (sentence(server.post_text("txt2img", "{\"prompt\": ")), 422, "not JSON"),
        (sentence(server.post_text("txt2img", "[1, 2]")), 422, "JSON object"),
        (sentence(server.post_text("txt2img", &"[".repeat(100_000))), 422, "not JSON"),
        (txt(json!({"steps": "many"})), 422, "steps must be a whole number"),
        (txt(json!({"prompt": ["a"]})), 422, "prompt must be a text"),
        (txt(json!({"override_settings": 3})), 422, "override_settings must be an object"),
        (txt(json!({"override_settings": {"sd_model_checkpoint": "dream"}})), 422, "no model called"),
        (txt(json!({"override_settings": {"CLIP_stop_at_last_layers": 99}})), 422, "Clip skip"),
        (txt(json!({"override_settings": {"sd_vae": "x.pt"}})), 422, "no VAE"),
        (txt(json!({"steps": 100_000})), 422, "Steps must lie between"),
        (txt(json!({"width": 4096})), 422, "width must be a multiple of 8 between 64 and 2048"),
        (txt(json!({"width": 70})), 422, "72 is the nearest"),
        (txt(json!({"height": 1e300})), 422, "height must be a whole number"),
        (txt(json!({"batch_size": 1_000_000, "n_iter": 1_000_000})), 422, "batch size"),
        (txt(json!({"cfg_scale": 0.1})), 422, "CFG scale"),
        (txt(json!({"sampler_name": "Magic"})), 422, "Sampler not found"),
        (txt(json!({"scheduler": "Magic"})), 422, "Scheduler not found"),
        (txt(json!({"enable_hr": true})), 422, "high-resolution fix"),
        (txt(json!({"prompt": "<lora:no such file:1>"})), 422, "no such file"),
        (img(json!({})), 404, "Init image not found"),
        (img(json!({"init_images": "x"})), 422, "must be a list"),
        (img(json!({"init_images": [picture, picture]})), 422, "takes one"),
        (img(json!({"init_images": ["%%%"]})), 422, "not base64"),
        (img(json!({"init_images": ["aGVsbG8gdGhlcmU="]})), 422, "not a PNG"),
        (img(json!({"init_images": [&picture[..picture.len() / 2 / 4 * 4]]})), 422, "could not be opened"),
        (img(json!({"init_images": ["https://example.org/a.png"]})), 422, "fetches none"),
        (img(json!({"init_images": [base64_of(&sketch(5000, 8))]})), 422, "5000 by 8"),
        (img(json!({"init_images": [picture], "mask": "?"})), 422, "mask is not base64"),
        (img(json!({"init_images": [picture], "denoising_strength": 7})), 422, "denoising strength"),
        (img(json!({"init_images": [picture], "resize_mode": 3})), 422, "resize_mode"),
        (sentence(server.post("png-info", &json!({}))), 422, "must be a picture"),
        (sentence(server.get("nothing")), 404, "Not Found"),
        (sentence(server.get("txt2img")), 405, "Method Not Allowed"),
    ];
    for ((status, text), expected, word) in cases {
        assert!(status == expected && text.contains(word), "{status} {text:?}, not {expected} with {word:?}");
    }
    let (status, body) = server.post("txt2img", &with(small(), json!({"steps": "many", "width": "wide"})));
    assert_eq!((status, body["detail"].as_array().map(Vec::len)), (422, Some(2)), "{body}");
    assert_eq!(body["detail"][1]["loc"], json!(["body", "width"]));
    assert_eq!(server.post("txt2img", &small()).0, 200, "the server goes on");
}

#[test]
fn a_huge_body_is_refused_before_it_is_read() {
    let server = TestServer::start(&[]);
    let head =
        |more: &str| format!("POST /sdapi/v1/txt2img HTTP/1.1\nHost: {}\nConnection: close\n{more}\n", server.address);
    let (status, text) = read(server.raw(&head("Content-Length: 99999999999\n"), b"{"));
    assert!(status == 413 && text.contains("at most 64 MB"), "{text}");
    // Without a length it is read up to the limit.
    let mut stream = server.raw(&head("Transfer-Encoding: chunked\n"), b"");
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    let mut sent = 0;
    while sent < 80 && stream.write_all(&chunk).is_ok() {
        sent += 1;
    }
    assert!(sent < 80, "it should have been stopped at 64 MB");
    assert_eq!(server.post("txt2img", &small()).0, 200, "the server goes on");
}

#[test]
fn bytes_that_are_no_http_and_requests_that_end_early_harm_nothing() {
    let server = TestServer::start(&[]);
    let head = format!("POST /sdapi/v1/txt2img HTTP/1.1\nHost: {}\nContent-Length: 1000\n\n", server.address);
    for (head, body) in [
        ("\u{1}\u{2} nonsense\n\n", &b""[..]),
        ("GET / HTTP/9.9\n\n", b""),
        (head.as_str(), b"{\"prompt\""),
        ("", &[0xff; 500]),
    ] {
        let stream = server.raw(head, body);
        stream.shutdown(Shutdown::Write).expect("shut");
        drop(stream);
    }
    let long = format!("GET / HTTP/1.1\nHost: {}\nX: {}\n\n", server.address, "x".repeat(200_000));
    let mut stream = std::net::TcpStream::connect(&server.address).expect("connects");
    let _ = stream.write_all(long.replace('\n', "\r\n").as_bytes());
    server.wait_until_idle();
    assert_eq!(server.post("txt2img", &small()).0, 200, "the server goes on");
}
