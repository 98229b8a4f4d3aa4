//! One connection: requests in, answers out, with deadlines.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::api::{self, List};
use super::failure::Failure;
use super::first::{First, first};
use super::routes::{Route, route};
use super::shared::Shared;
use super::{body, gate};

/// The longest head of a request, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// Serves a connection until it ends, or until the server does and the request that is worked on is answered.
pub(super) async fn serve(shared: Arc<Shared>, stream: TcpStream) {
    let stop = shared.stop.clone();
    let io = TokioIo::new(PatientStream::new(stream, shared.limits.pause));
    let head_time = shared.limits.head_time;
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(answer(&shared, request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_time).max_buf_size(MAX_HEAD);
    let connection = http.serve_connection(io, service);
    let mut connection = pin!(connection);
    let which = first(connection.as_mut(), stop.asked_for()).await;
    let ended = match which {
        First::One(ended) => ended,
        First::Other(()) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients go away as they like; that is no error of the server.
        tracing::debug!("a connection ended: {error}");
    }
}

async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let (status, value) = match handle(shared, request).await {
        Ok(value) => (StatusCode::OK, value),
        Err(failure) => (failure.status, failure.body()),
    };
    tracing::info!("{method} {path}: {}", status.as_u16());
    let mut response = Response::new(Full::from(value.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"underpaint\", charset=\"UTF-8\""));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        // What is left of the body is not waited for.
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}

async fn handle(shared: &Arc<Shared>, request: Request<Incoming>) -> Result<Value, Failure> {
    gate::check(shared, request.uri(), request.headers())?;
    let route = route(request.method(), request.uri().path())?;
    let without_image = request.uri().query().is_some_and(|query| {
        query
            .split('&')
            .any(|part| part.eq_ignore_ascii_case("skip_current_image=true") || part == "skip_current_image=1")
    });
    match route {
        Route::Pictures(kind) => {
            let sent = body::read_object(shared, request.into_body()).await?;
            api::make_pictures(shared, kind, sent).await
        }
        Route::ChangeOptions => {
            let sent = body::read_object(shared, request.into_body()).await?;
            api::change_options(shared, sent).await
        }
        Route::PngInfo => {
            let sent = body::read_object(shared, request.into_body()).await?;
            api::beside(move || api::png_info(&sent)).await?
        }
        Route::Progress => api::progress(shared, without_image).await,
        Route::Interrupt => {
            shared.queue.update(super::running::Running::interrupt);
            Ok(json!({}))
        }
        Route::Skip => {
            shared.queue.update(super::running::Running::skip);
            Ok(Value::Null)
        }
        Route::List(which) => list(shared, which).await,
        Route::Alive => Ok(json!({"server": concat!("underpaint ", env!("CARGO_PKG_VERSION")), "api": "/sdapi/v1"})),
    }
}

async fn list(shared: &Arc<Shared>, which: List) -> Result<Value, Failure> {
    let context = Arc::clone(shared);
    api::beside(move || api::list(&context, which)).await
}

/// A stream whose reader must not stop taking what is written for longer than a pause.
struct PatientStream {
    stream: TcpStream,
    pause: Duration,
    /// Set while something waits to be written.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl PatientStream {
    fn new(stream: TcpStream, pause: Duration) -> Self {
        Self { stream, pause, deadline: None }
    }

    /// Passes on what a write gave, or an error if it has waited for too long.
    fn within<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.deadline = None;
            return written;
        }
        let pause = self.pause;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(pause)));
        match deadline.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for PatientStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within(written, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.within(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.within(shut, cx)
    }
}
