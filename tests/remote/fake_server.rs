//! A server that answers as a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use underpaint::picture::{encode_png, to_base64};
use underpaint::remote::{Patience, ServerUrl, WebUiEngine};

/// What a fake server does with a request.
#[derive(Clone)]
pub enum Reply {
    /// Answers with this status and JSON.
    Json(u16, Value),
    /// Answers with these bytes, head and all.
    Raw(Vec<u8>),
    /// Answers with this JSON after a while.
    Late(Duration, Value),
    /// Keeps the connection open and says nothing.
    Hang,
    /// Closes the connection.
    Cut,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and path, as in `POST /sdapi/v1/txt2img`.
    pub what: String,
    pub authorization: Option<String>,
    pub body: Value,
}

/// A server that answers as a test says, until the test ends.
pub struct FakeServer {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl FakeServer {
    /// A server that answers each request as `reply` says for its last word, such as `txt2img`.
    pub fn new(reply: impl Fn(&str, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listens");
        let address = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (reply, seen) = (Arc::new(reply), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (reply, seen) = (Arc::clone(&reply), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream, &*reply, &seen));
            }
        });
        Self { address, asked }
    }

    /// A server as the web UI is, but for what `reply` says.
    pub fn web_ui(reply: impl Fn(&str, &Asked) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::new(move |name, asked| reply(name, asked).unwrap_or_else(|| usual(name, asked)))
    }

    pub fn url(&self) -> ServerUrl {
        ServerUrl::parse(&self.address).expect("an address")
    }

    pub fn host(&self) -> &str {
        &self.address
    }

    /// An engine that waits for nothing for long.
    pub fn engine(&self) -> WebUiEngine {
        let short = Duration::from_millis(600);
        let patience = Patience {
            connect: short,
            answer: short,
            silence: short * 2,
            interval: Duration::from_millis(20),
            most_list: 1 << 20,
            most_picture: 1 << 20,
            ..Patience::default()
        };
        WebUiEngine::with_patience(self.url(), None, patience)
    }

    /// The requests that came to this name.
    pub fn asked(&self, name: &str) -> Vec<Asked> {
        let asked = self.asked.lock().expect("lock");
        asked.iter().filter(|asked| asked.what.ends_with(&format!("/{name}"))).cloned().collect()
    }
}

/// As AUTOMATIC1111 answers; its picture has one colour, which the seed says.
fn usual(name: &str, asked: &Asked) -> Reply {
    let body = match name {
        "sd-models" => json!([{"title": "dream.safetensors [879db523c3]", "model_name": "dream", "hash": "879db523c3",
            "sha256": null, "filename": "/models/dream.safetensors", "config": null}]),
        "samplers" => json!([{"name": "DPM++ 2M", "aliases": ["k_dpmpp_2m"], "options": {"scheduler": "karras"}},
            {"name": "Euler a", "aliases": ["k_euler_a"], "options": {}}]),
        "schedulers" => json!([{"name": "automatic", "label": "Automatic"}, {"name": "karras", "label": "Karras"}]),
        "options" => json!({"sd_model_checkpoint": "dream.safetensors [879db523c3]"}),
        "progress" => {
            json!({"progress": 0.0, "state": {"sampling_step": 0, "sampling_steps": 0}, "current_image": null})
        }
        "interrupt" => json!({}),
        "txt2img" | "img2img" => picture(&asked.body),
        _ => return Reply::Json(404, json!({"detail": "Not Found"})),
    };
    Reply::Json(200, body)
}

/// The answer with the picture that a request asks for.
pub fn picture(request: &Value) -> Value {
    let side = |name: &str| request[name].as_u64().expect("a side") as u32;
    let seed = request["seed"].as_u64().expect("a seed");
    let picture = image::RgbImage::from_pixel(side("width"), side("height"), image::Rgb([seed as u8, 100, 200]));
    json!({"images": [to_base64(&encode_png(&picture, None).expect("a PNG"))], "parameters": {}, "info": "{}"})
}

fn serve(stream: TcpStream, reply: &dyn Fn(&str, &Asked) -> Reply, seen: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let Some(first) = head.first() else { return };
    let what = first.rsplit_once(' ').map_or("", |(what, _)| what).to_owned();
    let header = |name: &str| {
        let is = |line: &&String| line.to_lowercase().starts_with(&format!("{name}:"));
        head.iter().find(is).and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let mut body = vec![0; header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let asked = Asked { authorization: header("authorization"), body, what };
    let name = asked.what.rsplit('/').next().unwrap_or_default().to_owned();
    seen.lock().expect("lock").push(asked.clone());
    let mut stream = reader.into_inner();
    let mut answer = |status: u16, body: &Value| {
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    };
    match reply(&name, &asked) {
        Reply::Json(status, body) => answer(status, &body),
        Reply::Late(time, body) => {
            std::thread::sleep(time);
            answer(200, &body);
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes);
        }
        Reply::Hang => std::thread::sleep(Duration::from_secs(60)),
        Reply::Cut => {}
    }
}
