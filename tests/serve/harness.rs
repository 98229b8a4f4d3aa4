//! A server process, and requests to it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use serde_json::{Value, json};
use tempfile::TempDir;
use underpaint::picture::{encode_png, read};

/// How long anything here may take before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A server of its own for one test, ended with it.
pub struct TestServer {
    process: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    agent: ureq::Agent,
    _home: Arc<TempDir>,
}

/// Status and body of an answer.
pub type Answer = (u16, Value);

impl TestServer {
    /// A server on a free port of this machine.
    pub fn start(more: &[&str]) -> Self {
        let home = Arc::new(tempfile::tempdir().expect("folder"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_underpaint"));
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(more);
        // Nothing of the person who runs the tests is looked at.
        for variable in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HF_HOME"] {
            command.env(variable, home.path());
        }
        command.env_remove("UNDERPAINT_API_AUTH").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("output")).read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(". ").next()).expect("an address");
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
        Self { address: address.to_owned(), process, agent: ureq::Agent::new_with_config(config), _home: home }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn url(&self, name: &str) -> String {
        format!("http://{}/sdapi/v1/{name}", self.address)
    }

    pub fn get(&self, name: &str) -> Answer {
        answer(self.agent.get(self.url(name)).call())
    }

    pub fn post(&self, name: &str, body: &Value) -> Answer {
        self.post_text(name, &body.to_string())
    }

    pub fn post_text(&self, name: &str, body: &str) -> Answer {
        answer(self.agent.post(self.url(name)).header("content-type", "application/json").send(body))
    }

    /// A request with headers of its own, as bytes that no client library would send.
    pub fn raw(&self, head: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(head.replace('\n', "\r\n").as_bytes()).expect("writes");
        stream.write_all(body).expect("writes");
        stream
    }

    /// A request whose answer nobody waits for here.
    pub fn send_and_hold(&self, name: &str, body: &Value) -> TcpStream {
        let body = body.to_string();
        let head =
            format!("POST /sdapi/v1/{name} HTTP/1.1\nHost: {}\nContent-Length: {}\n\n", self.address, body.len());
        self.raw(&head, body.as_bytes())
    }

    pub fn progress(&self) -> Value {
        self.get("progress").1
    }

    /// Waits until the progress is as it should be.
    pub fn wait_for(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let progress = self.progress();
            if is_so(&progress) {
                return progress;
            }
            assert!(began.elapsed() < PATIENCE, "{what}: {progress}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the engine works on a job and has done a step of it.
    pub fn wait_for_steps(&self) -> Value {
        self.wait_for("a step", |progress| progress["state"]["sampling_step"].as_u64() > Some(0))
    }

    pub fn wait_until_idle(&self) {
        self.wait_for("nothing to do", |progress| progress["state"]["job_count"] == 0);
    }

    /// Waits until the process has ended; its exit status and what it printed on standard error.
    pub fn wait_for_end(mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        while self.process.try_wait().expect("a status").is_none() {
            assert!(began.elapsed() < PATIENCE, "the server did not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut text = String::new();
        std::io::Read::read_to_string(self.process.stderr.as_mut().expect("errors"), &mut text).expect("text");
        (self.process.wait().expect("a status").code(), text)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = response.expect("an answer");
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(256 << 20).read_to_string().expect("text");
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("JSON, not {text}")))
}

/// A small request that takes a moment.
pub fn small() -> Value {
    json!({"prompt": "a green apple", "width": 64, "height": 64, "steps": 2, "seed": 5})
}

/// A request that takes longer than any test.
pub fn long() -> Value {
    json!({"prompt": "a green apple", "width": 512, "height": 512, "steps": 150, "batch_size": 16, "seed": 5})
}

/// `fields` over `base`.
pub fn with(mut base: Value, fields: Value) -> Value {
    base.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    base
}

/// A picture in base64 as clients send it.
pub fn base64_of(picture: &RgbImage) -> String {
    STANDARD.encode(encode_png(picture, None).expect("a PNG"))
}

/// The pictures of an answer, and the settings text in each.
pub fn pictures(answer: &Value) -> Vec<(RgbImage, String)> {
    let images = answer["images"].as_array().unwrap_or_else(|| panic!("pictures, not {answer}"));
    let decoded = images.iter().map(|image| STANDARD.decode(image.as_str().expect("text")).expect("base64"));
    decoded
        .map(|png| {
            let text = underpaint::picture::settings_text(&png).unwrap_or_default();
            (read(&png, "an answer").expect("a picture"), text)
        })
        .collect()
}

/// The `info` of an answer.
pub fn info(answer: &Value) -> Value {
    serde_json::from_str(answer["info"].as_str().expect("info")).expect("JSON in a text")
}

/// A start image in many colours.
pub fn sketch(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| image::Rgb([(x * 3) as u8, (y * 3) as u8, 120]))
}
