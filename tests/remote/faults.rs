//! Servers that fail in every way: one sentence, nothing lost, and an end in good time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use underpaint::engine::{Cancel, Engine, Error, Event, ModelChoice, Plan, Sampler, Settings};
use underpaint::picture::{encode_png, to_base64};
use underpaint::remote::{ServerUrl, WebUiEngine};

use crate::answers::{request, settings};
use crate::fake_server::{FakeServer, Reply, picture};

fn dream() -> ModelChoice {
    ModelChoice::Path("dream".into())
}

/// Why pictures were not made, and how many were finished before.
fn failure(server: &FakeServer, settings: Settings) -> (String, usize) {
    let mut finished = 0;
    let done = server.engine().generate(&request(settings, Plan::default(), None), &Cancel::default(), &mut |event| {
        finished += usize::from(matches!(event, Event::Finished(_)));
    });
    (done.expect_err("a fault").to_string(), finished)
}

#[test]
fn a_connection_that_breaks_ends_the_job_and_keeps_what_is_finished() {
    for fault in [
        Reply::Cut,
        Reply::Json(500, json!({"error": "OutOfMemoryError", "detail": "", "errors": "CUDA out of memory"})),
    ] {
        let count = AtomicUsize::new(0);
        let server = FakeServer::web_ui(move |name, _| {
            let breaks = name == "txt2img" && count.fetch_add(1, Ordering::Relaxed) == 2;
            breaks.then(|| fault.clone())
        });
        let (text, finished) = failure(&server, settings());
        assert_eq!(finished, 2, "{text}");
        let says =
            text.contains("the connection was cut") || text == format!("{} says: CUDA out of memory.", server.host());
        assert!(says, "{text}");
    }
}

#[test]
fn nonsense_is_said_to_be_nonsense() {
    let large = encode_png(&image::RgbImage::new(80, 64), None).expect("a PNG");
    // Sixty thousand pixels a side in a few bytes: the header is changed, not the picture.
    let mut bomb = large.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let ok = |body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        Reply::Raw([head.as_bytes(), body].concat())
    };
    let cases = [
        (ok(b"<html>hello</html>"), "is not JSON"),
        (ok(&[0xff; 3000]), "is not JSON"),
        (ok(&vec![b' '; 3 << 20]), "more than 1 MB"),
        (Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"images\"".to_vec()), "cut"),
        (Reply::Raw(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()), "not HTTP"),
        (Reply::Json(200, json!({"images": "none"})), "has no pictures"),
        (Reply::Json(200, json!([1])), "has no pictures"),
        (Reply::Json(200, json!({"images": ["%%%"]})), "no picture that can be read"),
        (Reply::Json(200, json!({"images": [to_base64(&large)]})), "no picture that can be read"),
        (Reply::Json(200, json!({"images": [to_base64(&bomb)]})), "no picture that can be read"),
        (Reply::Json(200, json!({"images": []})), "interrupted there"),
        (Reply::Json(401, json!({"detail": "Not authenticated"})), "name and a password"),
        (Reply::Json(404, json!({"detail": "Not Found"})), "--api"),
        (Reply::Json(503, json!({})), "busy"),
        (
            Reply::Raw(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".to_vec()),
            "error 302",
        ),
    ];
    for (reply, word) in cases {
        let server = FakeServer::web_ui(move |name, _| (name == "txt2img").then(|| reply.clone()));
        let (text, finished) = failure(&server, Settings { batch: 1, ..settings() });
        assert!(text.contains(word) && text.contains(server.host()) && finished == 0, "{text:?}, not {word:?}");
    }
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let began = Instant::now();
    let server = FakeServer::new(|_, _| Reply::Hang);
    let text = server.engine().load(&dream(), &Cancel::default()).expect_err("silent").to_string();
    assert!(text.contains("does not answer"), "{text}");
    // It makes a picture and dies of it.
    let server = FakeServer::web_ui(|name, _| matches!(name, "txt2img" | "progress").then_some(Reply::Hang));
    let (text, _) = failure(&server, settings());
    assert!(text.contains("has not answered for"), "{text}");
    assert!(began.elapsed() < Duration::from_secs(30));
    let nobody = ServerUrl::parse("127.0.0.1:1").expect("an address");
    let text = WebUiEngine::new(nobody, None).load(&dream(), &Cancel::default()).expect_err("nobody").to_string();
    assert!(text.contains("127.0.0.1:1 cannot be reached: it refuses the connection"), "{text}");
}

#[test]
fn cancelling_ends_at_once_whatever_the_server_does() {
    const HANGS: [&[&str]; 3] = [&["txt2img"], &["txt2img", "progress", "interrupt"], &["sd-models"]];
    for hangs in HANGS {
        let server = FakeServer::web_ui(move |name, _| hangs.contains(&name).then_some(Reply::Hang));
        let cancel = Cancel::default();
        let flag = cancel.clone();
        let began = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            flag.cancel();
            Instant::now()
        });
        let done = server.engine().generate(&request(settings(), Plan::default(), None), &cancel, &mut |_| {});
        assert!(matches!(done, Err(Error::Cancelled)), "{done:?}");
        assert!(began.join().expect("the thread").elapsed() < Duration::from_secs(1), "{hangs:?}");
        if hangs == ["txt2img"] {
            let told = (0..200).any(|_| {
                std::thread::sleep(Duration::from_millis(10));
                !server.asked("interrupt").is_empty()
            });
            assert!(told, "the server is told to end");
        }
    }
}

#[test]
fn one_picture_is_left_out_and_the_others_are_made() {
    let server = FakeServer::web_ui(|name, asked| {
        let is_second = asked.body["seed"] == 6;
        (name == "txt2img")
            .then(|| Reply::Late(Duration::from_millis(if is_second { 2000 } else { 50 }), picture(&asked.body)))
    });
    let cancel = Cancel::default();
    let mut finished = Vec::new();
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            let is_asked_for = || server.asked("txt2img").len() == 2;
            while !is_asked_for() {
                std::thread::sleep(Duration::from_millis(5));
            }
            cancel.leave_out(1);
        });
        server.engine().generate(&request(settings(), Plan::default(), None), &cancel, &mut |event| {
            if let Event::Finished(made) = event {
                finished.push(made.image);
            }
        })
    });
    done.expect("the others");
    assert_eq!(finished, [0, 2]);
}

#[test]
fn what_the_server_lacks_is_said_before_anything_is_sent() {
    let server = FakeServer::web_ui(|_, _| None);
    let mut engine = server.engine();
    let text = engine.load(&ModelChoice::Path("other".into()), &Cancel::default()).expect_err("lacks it").to_string();
    assert_eq!(text, format!("{} has no model called other; it has dream.", server.host()));
    assert!(engine.load(&ModelChoice::Starter, &Cancel::default()).is_err(), "the starter is only where it is");
    let (text, _) = failure(&server, Settings { sampler: Sampler::Heun, ..settings() });
    assert!(text.contains("does not have the sampler Heun"), "{text}");
    let (text, _) = failure(&server, Settings { guided: 0.5, ..settings() });
    assert!(text.contains("guided"), "{text}");
    assert!(server.asked("txt2img").is_empty());
}
