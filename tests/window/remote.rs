//! A window whose pictures a server makes.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use egui_kittest::kittest::Queryable;
use underpaint::diffusion::LocalEngine;
use underpaint::engine::{ModelChoice, Runtime};
use underpaint::models::FoundModels;
use underpaint::picture::{open, read_parameters};
use underpaint::prompts::{StyleList, Wildcards};
use underpaint::remote::{ServerUrl, WebUiEngine};
use underpaint::server::{Server, ServerError, ServerLimits, ServerSetup, Stop};
use underpaint::ui::{App, CanvasCommand, RoundCommand};

use crate::harness::{options, perform, results, wait};

/// This program's own server.
fn start() -> (SocketAddr, Stop, JoinHandle<Result<(), ServerError>>) {
    let server = Server::bind(ServerSetup {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        credentials: None,
        limits: ServerLimits::default(),
        model: ModelChoice::Starter,
        runtime: Runtime::default(),
        make_engine: Box::new(|| Box::new(LocalEngine::new(Runtime::default()))),
        find_models: Box::new(|| Ok(FoundModels::default())),
        styles: StyleList::default(),
        wildcards: Wildcards::default(),
    });
    let server = server.expect("listens");
    let (address, stop) = (server.address(), server.stop_handle());
    (address, stop, std::thread::spawn(move || server.run()))
}

#[test]
fn a_round_is_made_by_a_server_and_the_window_says_so() {
    let (address, stop, server) = start();
    let folder = tempfile::tempdir().expect("folder");
    let options = options(folder.path(), None);
    let url = ServerUrl::parse(&address.to_string()).expect("an address");
    let mut harness = egui_kittest::Harness::builder()
        .with_size(egui::vec2(1320.0, 860.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, move || Box::new(WebUiEngine::new(url.clone(), None))));
    wait(&mut harness, "loading", |app| !app.is_loading());
    let text = format!("{address} makes the pictures. Canvas, mask, prompts and settings are sent there.");
    assert!(harness.query_by_label_contains(&text).is_some(), "the window should say where pictures are made");
    perform(&mut harness, CanvasCommand::Example);
    harness.run_steps(3);
    let mut settings = harness.state_mut().settings_mut();
    (settings.steps, settings.batch, settings.width, settings.height) = (3, 2, 64, 64);
    drop(settings);
    harness.run_steps(2);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && results(app, 0).len() == 2);
    wait(&mut harness, "the files", |_| std::fs::read_dir(folder.path()).is_ok_and(|files| files.count() >= 2));
    let files = std::fs::read_dir(folder.path()).expect("lists").map(|file| file.expect("a file").path());
    let pictures: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "png")).collect();
    for path in &pictures {
        let text = read_parameters(path).expect("settings");
        assert!(text.contains("through underpaint") && !text.contains("127.0.0.1"), "{text}");
        assert_eq!(open(path).expect("a picture").width(), 64);
    }
    assert_eq!(pictures.len(), 2);
    drop(harness);
    stop.stop();
    server.join().expect("no panic").expect("no error");
}
