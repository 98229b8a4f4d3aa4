//! A ComfyUI that answers as a test says, with a WebSocket.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};
use underpaint::picture::encode_png;
use underpaint::remote::{Patience, Server, ServerEngine, ServerUrl};

/// What a fake ComfyUI does with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plot {
    /// Tells two steps and a preview, and finishes.
    Finish,
    /// Cuts the WebSocket after the first step, and finishes.
    CutSocket,
    /// Is told nothing by the WebSocket, which is refused, and finishes.
    NoSocket,
    /// Lets it wait behind another one for ever.
    Wait,
    /// Begins and never ends.
    Run,
    /// Fails while it is made.
    Fail,
    /// Refuses the graph.
    Refuse,
    /// Loses the job.
    Lose,
    /// Finishes with a picture of another size.
    WrongSize,
    /// Finishes with something that is no picture.
    NoPicture,
    /// Finishes, and answers nothing any more.
    Hang,
}

#[derive(Default)]
struct State {
    asked: Vec<(String, Value)>,
    sockets: HashMap<String, WebSocket<TcpStream>>,
    jobs: HashMap<String, Value>,
    removed: Vec<String>,
    is_hanging: bool,
    /// Nobody listens any more.
    is_over: bool,
}

/// A ComfyUI with the checkpoint `dream.safetensors`, until the test ends.
pub struct FakeComfy {
    address: String,
    state: Arc<Mutex<State>>,
}

impl FakeComfy {
    /// Does the same with each job.
    pub fn new(plot: Plot) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listens");
        let address = listener.local_addr().expect("an address").to_string();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.lock().expect("lock").is_over {
                    return;
                }
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, plot, &state));
            }
        });
        Self { address, state }
    }

    pub fn server(&self) -> Server {
        Server::new(ServerUrl::parse(&self.address).expect("an address"))
    }

    pub fn host(&self) -> &str {
        &self.address
    }

    /// An engine that waits for nothing for long.
    pub fn engine(&self) -> ServerEngine {
        ServerEngine::with_patience(self.server(), patience())
    }

    /// Ends as a program does that is killed: its connections are cut, and nobody listens any more.
    pub fn end(&self) {
        let mut state = self.state();
        state.is_over = true;
        state.sockets.clear();
        drop(state);
        // Wakes the thread that listens.
        let _ = TcpStream::connect(&self.address);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("lock")
    }

    /// The bodies that came to this path.
    pub fn asked(&self, path: &str) -> Vec<Value> {
        self.state().asked.iter().filter(|(asked, _)| asked == path).map(|(_, body)| body.clone()).collect()
    }
}

/// Limits that wait for nothing for long.
pub fn patience() -> Patience {
    let short = Duration::from_millis(600);
    Patience {
        connect: short,
        answer: short,
        silence: short * 2,
        interval: Duration::from_millis(20),
        most_list: 1 << 20,
        most_picture: 1 << 20,
        ..Patience::default()
    }
}

#[expect(clippy::result_large_err, reason = "the closure's type is that of the WebSocket library")]
fn serve(stream: TcpStream, plot: Plot, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a clone"));
    // A WebSocket is recognised before anything is taken from the stream.
    let mut start = [0; 7];
    while stream.peek(&mut start).unwrap_or(0) < start.len() {
        std::thread::sleep(Duration::from_millis(1));
    }
    if &start == b"GET /ws" {
        if plot == Plot::NoSocket {
            return;
        }
        let mut id = String::new();
        let accepted =
            tungstenite::accept_hdr(stream, |request: &tungstenite::handshake::server::Request, response| {
                id = request
                    .uri()
                    .query()
                    .and_then(|query| query.strip_prefix("clientId="))
                    .unwrap_or_default()
                    .to_owned();
                Ok(response)
            });
        if let Ok(socket) = accepted {
            state.lock().expect("lock").sockets.insert(id, socket);
        }
        return;
    }
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let Some((what, _)) = head.first().and_then(|first| first.rsplit_once(' ')) else { return };
    let (method, path) = what.split_once(' ').unwrap_or(("", what));
    let length = head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let value: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let path = path.to_owned();
    state.lock().expect("lock").asked.push((path.clone(), value.clone()));
    if state.lock().expect("lock").is_hanging {
        std::thread::sleep(Duration::from_secs(60));
        return;
    }
    let (status, kind, answer) = answer(method, &path, &value, &body, plot, state);
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    let mut stream = stream;
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer));
}

fn answer(
    method: &str,
    path: &str,
    body: &Value,
    bytes: &[u8],
    plot: Plot,
    state: &Mutex<State>,
) -> (u16, &'static str, Vec<u8>) {
    let json = |status: u16, value: Value| (status, "application/json", value.to_string().into_bytes());
    let inputs = |name: &str, inputs: Value| json!({name: {"input": {"required": inputs}}});
    match (method, path) {
        ("GET", "/system_stats") => json(200, json!({"system": {"comfyui_version": "0.3.64"}, "devices": []})),
        ("GET", "/object_info/CheckpointLoaderSimple") => {
            json(200, inputs("CheckpointLoaderSimple", json!({"ckpt_name": [["dream.safetensors"]]})))
        }
        ("GET", "/object_info/KSamplerAdvanced") => {
            let lists = json!({"sampler_name": [["euler", "dpmpp_2m"]], "scheduler": [["normal", "karras"]]});
            json(200, inputs("KSamplerAdvanced", lists))
        }
        ("GET", "/queue") => {
            let state = state.lock().expect("lock");
            let is_here = |id: &&String| !state.removed.contains(id) && plot != Plot::Lose;
            let entry = |(number, id): (usize, &String)| json!([number + 1, id, {}]);
            let jobs: Vec<Value> = state.jobs.keys().filter(is_here).enumerate().map(entry).collect();
            json(
                200,
                match plot {
                    Plot::Wait => json!({"queue_running": [[0, "of another person", {}]], "queue_pending": jobs}),
                    _ => json!({"queue_running": jobs, "queue_pending": []}),
                },
            )
        }
        ("POST", "/queue" | "/interrupt") => {
            let mut state = state.lock().expect("lock");
            let deleted = body["delete"].as_array().into_iter().flatten().chain([&body["prompt_id"]]);
            let pending = plot == Plot::Wait || path == "/interrupt";
            state.removed.extend(deleted.filter(|_| pending).filter_map(Value::as_str).map(str::to_owned));
            (200, "text/plain", Vec::new())
        }
        ("POST", "/upload/image") => {
            let text = String::from_utf8_lossy(bytes);
            let name = text.split("filename=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            json(200, json!({"name": name, "subfolder": "underpaint", "type": "temp"}))
        }
        ("POST", "/prompt") if plot == Plot::Refuse => {
            let error = json!({"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation", "details": ""});
            let node = json!({"errors": [{"message": "Value not in list", "details": "ckpt_name: 'x' not in []"}]});
            json(400, json!({"error": error, "node_errors": {"checkpoint": node}}))
        }
        ("POST", "/prompt") => {
            let id = body["prompt_id"].as_str().unwrap_or_default().to_owned();
            let client = body["client_id"].as_str().unwrap_or_default().to_owned();
            // The WebSocket is opened beside this request.
            for _ in 0..100 {
                if plot == Plot::NoSocket || state.lock().expect("lock").sockets.contains_key(&client) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            let mut state = state.lock().expect("lock");
            state.jobs.insert(id.clone(), body["prompt"].clone());
            if let Some(mut socket) = state.sockets.remove(&client) {
                tell(&mut socket, plot);
                if plot != Plot::CutSocket {
                    state.sockets.insert(client, socket);
                }
            }
            json(200, json!({"prompt_id": id, "number": 1, "node_errors": {}}))
        }
        ("GET", path) if path.starts_with("/history/") => {
            let id = path.trim_start_matches("/history/").to_owned();
            if plot == Plot::Hang {
                state.lock().expect("lock").is_hanging = true;
            }
            let entry = match plot {
                Plot::Wait | Plot::Run | Plot::Lose => return json(200, json!({})),
                Plot::Fail => json!({"outputs": {}, "status": {"status_str": "error", "messages": [
                    ["execution_start", {}], ["execution_error", {"exception_message": "CUDA out of memory\n"}]]}}),
                _ => {
                    json!({"outputs": {"result": {"images": [{"filename": format!("{id} 1.png"), "subfolder": "", "type": "temp"}]}},
                    "status": {"status_str": "success", "messages": []}})
                }
            };
            json(200, json!({id: entry}))
        }
        ("GET", path) if path.starts_with("/view?filename=") => {
            let id = path.trim_start_matches("/view?filename=").split("%20").next().unwrap_or_default();
            let graph = state.lock().expect("lock").jobs.get(id).cloned().unwrap_or_default();
            let size = &graph["latent"]["inputs"]["width"];
            let side = size.as_u64().unwrap_or(64) as u32 + if plot == Plot::WrongSize { 8 } else { 0 };
            let seed = graph["sampler"]["inputs"]["noise_seed"].as_u64().unwrap_or(1) as u8;
            let picture = image::RgbImage::from_pixel(side, side, image::Rgb([seed, 100, 200]));
            let png =
                if plot == Plot::NoPicture { b"hello".to_vec() } else { encode_png(&picture, None).expect("a PNG") };
            (200, "image/png", png)
        }
        _ => (404, "text/plain", b"404: Not Found".to_vec()),
    }
}

/// What is told while a job is made.
fn tell(socket: &mut WebSocket<TcpStream>, plot: Plot) {
    let step = |value: u32| json!({"type": "progress", "data": {"value": value, "max": 2, "node": "sampler"}});
    // Larger than the picture, as ComfyUI sends those of small pictures.
    let preview = encode_png(&image::RgbImage::from_pixel(128, 128, image::Rgb([9, 9, 9])), None).expect("a PNG");
    let preview = [&1_u32.to_be_bytes()[..], &2_u32.to_be_bytes(), &preview].concat();
    let mut send = |message: Message| {
        let _ = socket.send(message);
    };
    send(Message::text(r#"{"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 1}}}}"#));
    send(Message::text("{nonsense"));
    send(Message::text(step(1).to_string()));
    if plot == Plot::CutSocket {
        return;
    }
    send(Message::binary(preview));
    send(Message::text(step(2).to_string()));
}
