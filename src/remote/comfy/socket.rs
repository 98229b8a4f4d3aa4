//! What ComfyUI tells while it works, over a WebSocket (RFC 6455).

use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use image::RgbImage;
use serde_json::Value;
use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use crate::picture::read;
use crate::remote::client::Client;

/// The longest message that is read, in bytes.
const LONGEST: usize = 16 << 20;
/// How often a quiet connection is looked at for the end.
const LOOK: Duration = Duration::from_millis(100);
/// The kinds of binary messages that hold a preview.
const PREVIEW: u32 = 1;
const PREVIEW_WITH_METADATA: u32 = 4;

/// What the server told.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// A node has done a step.
    Step { node: String, step: usize, steps: usize },
    /// A preview of the picture.
    Preview(RgbImage),
    /// A graph has come to its end, good or bad.
    Ended,
    /// Nothing more is told.
    Closed,
}

/// Listens on a thread of its own until it is dropped.
pub(super) struct Socket {
    pub heard: Receiver<Heard>,
    is_over: Arc<AtomicBool>,
}

impl Socket {
    /// Begins to listen to what is told to this client. Where there is no connection, or only an encrypted one, that is
    /// heard as [`Heard::Closed`].
    pub fn listen(client: Client, client_id: &str, most_side: u32) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (sender, heard) = unbounded();
        let (ends, id, closed) = (Arc::clone(&is_over), client_id.to_owned(), sender.clone());
        let work = move || {
            match connect(&client, &id) {
                Ok(mut socket) => listen(&mut socket, &sender, &ends, most_side),
                Err(reason) => tracing::debug!("no WebSocket: {reason}"),
            }
            let _ = sender.send(Heard::Closed);
        };
        if std::thread::Builder::new().name("remote socket".into()).spawn(work).is_err() {
            let _ = closed.send(Heard::Closed);
        }
        Self { heard, is_over }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn connect(client: &Client, id: &str) -> Result<WebSocket<TcpStream>, String> {
    let url = client.url();
    let Some(rest) = url.as_str().strip_prefix("http://") else {
        return Err("progress is asked for where the connection is encrypted".into());
    };
    let fail = |error: &dyn std::fmt::Display| error.to_string();
    let host = url.host();
    let has_port = host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok()) && !host.ends_with(']');
    let address = if has_port { host.to_owned() } else { format!("{host}:80") };
    let patience = client.patience;
    let mut addresses = address.to_socket_addrs().map_err(|e| fail(&e))?;
    let first = addresses.next().ok_or("the host has no address")?;
    let stream = TcpStream::connect_timeout(&first, patience.connect).map_err(|e| fail(&e))?;
    stream.set_read_timeout(Some(patience.answer)).map_err(|e| fail(&e))?;
    stream.set_write_timeout(Some(patience.answer)).map_err(|e| fail(&e))?;
    let mut request = format!("ws://{rest}/ws?clientId={id}").into_client_request().map_err(|e| fail(&e))?;
    if let Some(header) = client.authorization() {
        request.headers_mut().insert("authorization", header.parse().map_err(|_| "the password fits no header")?);
    }
    let config = WebSocketConfig::default().max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST));
    let (socket, _) =
        tungstenite::client::client_with_config(request, stream, Some(config)).map_err(|e| e.to_string())?;
    socket.get_ref().set_read_timeout(Some(LOOK)).map_err(|e| fail(&e))?;
    Ok(socket)
}

fn listen(socket: &mut WebSocket<TcpStream>, sender: &Sender<Heard>, is_over: &AtomicBool, most_side: u32) {
    while !is_over.load(Ordering::Relaxed) {
        let heard = match socket.read() {
            Ok(Message::Text(text)) => of_text(text.as_str()),
            Ok(Message::Binary(bytes)) => preview_of(&bytes, most_side).map(Heard::Preview),
            Ok(Message::Close(_)) => return,
            Ok(_) => None,
            Err(Error::Io(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
            Err(error) => {
                tracing::debug!("the WebSocket ended: {error}");
                return;
            }
        };
        if heard.is_some_and(|heard| sender.send(heard).is_err()) {
            return;
        }
    }
    let _ = socket.close(None);
}

/// A message in words.
fn of_text(text: &str) -> Option<Heard> {
    let message: Value = serde_json::from_str(text).ok()?;
    let data = &message["data"];
    match message["type"].as_str()? {
        "progress" => {
            let number = |name: &str| data[name].as_u64().filter(|number| *number < 100_000);
            let (step, steps) = (number("value")?, number("max").filter(|steps| *steps > 0)?);
            let node = data["node"].as_str().unwrap_or_default().to_owned();
            Some(Heard::Step {
                node,
                step: usize::try_from(step.min(steps)).ok()?,
                steps: usize::try_from(steps).ok()?,
            })
        }
        "executing" if data["node"].is_null() => Some(Heard::Ended),
        "execution_error" | "execution_interrupted" | "execution_success" => Some(Heard::Ended),
        _ => None,
    }
}

/// The preview in a binary message: four bytes say what it is, four the format or the length of a text before the picture.
fn preview_of(bytes: &[u8], most_side: u32) -> Option<RgbImage> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let picture = match number(0)? {
        PREVIEW => bytes.get(8..)?,
        PREVIEW_WITH_METADATA => bytes.get(8_usize.checked_add(usize::try_from(number(4)?).ok()?)?..)?,
        _ => return None,
    };
    let picture = read(picture, "a preview").ok()?;
    (picture.width().max(picture.height()) <= most_side).then_some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::encode_png;

    #[test]
    fn messages_are_understood_and_nonsense_is_passed_over() {
        let step = r#"{"type": "progress", "data": {"value": 3, "max": 20, "prompt_id": "p", "node": "sampler"}}"#;
        assert_eq!(of_text(step), Some(Heard::Step { node: "sampler".into(), step: 3, steps: 20 }));
        assert_eq!(of_text(r#"{"type": "executing", "data": {"node": null, "prompt_id": "p"}}"#), Some(Heard::Ended));
        assert_eq!(of_text(r#"{"type": "executing", "data": {"node": "3"}}"#), None);
        for text in ["", "{", "[1]", r#"{"type": 3}"#, r#"{"type": "progress", "data": {"value": -1, "max": 0}}"#] {
            assert_eq!(of_text(text), None, "{text}");
        }
        let picture = RgbImage::from_pixel(8, 8, image::Rgb([1, 2, 3]));
        let png = encode_png(&picture, None).expect("a PNG");
        let old = [&1_u32.to_be_bytes()[..], &2_u32.to_be_bytes(), &png].concat();
        let new = [&4_u32.to_be_bytes()[..], &2_u32.to_be_bytes(), b"{}", &png].concat();
        assert_eq!(preview_of(&old, 8), Some(picture.clone()));
        assert_eq!(preview_of(&new, 8), Some(picture));
        assert_eq!(preview_of(&old, 4), None, "too large");
        for bytes in [&old[..9], &new[..7], &[], &[0, 0, 0, 4, 255, 255, 255, 255, 1], &[0, 0, 0, 9, 0, 0, 0, 0]] {
            assert_eq!(preview_of(bytes, 64), None);
        }
    }
}
