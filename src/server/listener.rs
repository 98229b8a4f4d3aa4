//! Accepts connections until the server is told to end.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connection;
use super::first::{First, first};
use super::model_shelf::ModelShelf;
use super::queue::Queue;
use super::shared::Shared;
use super::stop::Stop;
use super::web_options::WebOptions;
use super::worker::Worker;
use super::{ServerError, ServerSetup};
use crate::picture::plain_reason;

/// Threads that read pictures and folders beside the thread of the connections.
const THREADS_BESIDE: usize = 4;
/// How long clients may take to fetch their last answers after the last job.
const LAST_ANSWERS: Duration = Duration::from_secs(10);
/// How long to wait after a connection could not be accepted, as when there are too many open files.
const AFTER_TROUBLE: Duration = Duration::from_millis(200);

/// A server that listens and does not answer yet.
pub struct Server {
    listener: StdListener,
    address: SocketAddr,
    shared: Arc<Shared>,
    worker: Worker,
}

impl Server {
    /// Listens where the setup says. Connections wait until [`Server::run`].
    ///
    /// # Errors
    /// If other machines could use the server without a password, or the address cannot be listened on.
    pub fn bind(setup: ServerSetup) -> Result<Self, ServerError> {
        let ServerSetup { listen, credentials, limits, model, runtime, .. } = setup;
        let is_local = listen.ip().is_loopback();
        if !is_local && credentials.is_none() {
            return Err(ServerError::NoPassword(listen));
        }
        let fail = |error: std::io::Error| ServerError::Listen { address: listen, reason: plain_reason(&error) };
        let listener = StdListener::bind(listen).map_err(fail)?;
        listener.set_nonblocking(true).map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let queue = Arc::new(Queue::new(limits.waiting));
        let worker = Worker::new(Arc::clone(&queue), setup.make_engine, runtime.clone(), setup.wildcards);
        let shared = Arc::new(Shared {
            limits,
            credentials,
            is_local,
            queue,
            shelf: ModelShelf::new(setup.find_models, model.clone()),
            options: Mutex::new(WebOptions::new(model)),
            runtime,
            styles: setup.styles,
            body_room: Semaphore::new(limits.bodies.div_ceil(1024).min(Semaphore::MAX_PERMITS)),
            stop: Stop::new(),
        });
        Ok(Self { listener, address, shared, worker })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the server, from any thread.
    pub fn stop_handle(&self) -> Stop {
        self.shared.stop.clone()
    }

    /// Answers requests until [`Stop::stop`]. Then no job is taken any more, those that wait are refused, and the one that
    /// is worked on is finished and answered.
    ///
    /// # Errors
    /// If the system gives no threads.
    pub fn run(self) -> Result<(), ServerError> {
        let fail = |error: std::io::Error| ServerError::Start(plain_reason(&error));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(THREADS_BESIDE)
            .build()
            .map_err(fail)?;
        let worker = self.worker;
        let engine = thread::Builder::new().name("engine".into()).spawn(move || worker.run()).map_err(fail)?;
        let (listener, shared) = (self.listener, self.shared);
        let ended = runtime.block_on(async {
            let listener = TcpListener::from_std(listener).map_err(fail)?;
            let connections = accept(&shared, listener).await;
            shared.queue.close();
            Ok::<_, ServerError>(connections)
        });
        let mut connections = match ended {
            Ok(connections) => connections,
            Err(error) => {
                shared.queue.close();
                return Err(error);
            }
        };
        runtime.block_on(async {
            // The job that is worked on may take minutes, and its client waits for as long.
            let all = async { while connections.join_next().await.is_some() {} };
            let mut all = pin!(all);
            loop {
                let is_over = shared.queue.view().0.is_none();
                if timeout(LAST_ANSWERS, all.as_mut()).await.is_ok() || is_over {
                    return;
                }
            }
        });
        if engine.join().is_err() {
            tracing::error!("the engine's thread ended with a panic");
        }
        // Folders that hang must not keep the program.
        runtime.shutdown_background();
        Ok(())
    }
}

/// Accepts connections until the server is told to end; returns those that are open.
async fn accept(shared: &Arc<Shared>, listener: TcpListener) -> JoinSet<()> {
    let room = Arc::new(Semaphore::new(shared.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&room).acquire_owned().await.ok();
            (listener.accept().await, permit)
        };
        let ended = async {
            // Without connections there is none to wait for.
            if connections.join_next().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        let (accepted, permit) = match first(first(next, ended), shared.stop.asked_for()).await {
            First::One(First::One(next)) => next,
            First::One(First::Other(())) => continue,
            First::Other(()) => return connections,
        };
        match accepted {
            Ok((stream, _)) => {
                let shared = Arc::clone(shared);
                connections.spawn(async move {
                    connection::serve(shared, stream).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                sleep(AFTER_TROUBLE).await;
            }
        }
    }
}
