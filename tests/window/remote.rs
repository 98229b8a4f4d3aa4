//! A window whose pictures a server makes.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use underpaint::diffusion::LocalEngine;
use underpaint::engine::{ModelChoice, Runtime};
use underpaint::models::FoundModels;
use underpaint::picture::read_parameters;
use underpaint::prompts::{StyleList, Wildcards};
use underpaint::remote::{KeptServers, Server as Remote, ServerUrl};
use underpaint::server::{Server, ServerError, ServerLimits, ServerSetup, Stop};
use underpaint::ui::{App, CanvasCommand, EngineCommand, Options, ResultCommand, RoundCommand};

use crate::harness::{options, perform, results, wait, wait_for_rest};

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

/// A window that keeps its choices in `home`, with these servers on its command line.
fn window(folder: &std::path::Path, servers: Vec<Remote>) -> Harness<'static, App> {
    let options = Options { servers, ..options(&folder.join("results"), Some(folder.join("data"))) };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1320.0, 860.0))
        .build_eframe(move |cc| App::new(&cc.egui_ctx, options, || Box::new(LocalEngine::default())));
    harness.run_steps(3);
    let mut settings = harness.state_mut().settings_mut();
    (settings.steps, settings.batch, settings.width, settings.height) = (3, 2, 64, 64);
    drop(settings);
    harness.run_steps(2);
    harness
}

/// The settings texts in the pictures of the results folder.
fn texts(folder: &std::path::Path) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(folder.join("results")) else { return Vec::new() };
    let files = files.map(|file| file.expect("a file").path());
    let pictures = files.filter(|path| path.extension().is_some_and(|ending| ending == "png"));
    pictures.map(|path| read_parameters(&path).expect("settings")).collect()
}

fn kept(folder: &std::path::Path) -> KeptServers {
    let bytes = std::fs::read(folder.join("data").join(KeptServers::FILE)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

#[test]
fn a_round_is_made_by_the_server_of_the_command_line_once_that_was_agreed() {
    let (address, stop, server) = start();
    let folder = tempfile::tempdir().expect("folder");
    let url = ServerUrl::parse(&address.to_string()).expect("an address");
    let mut harness = window(folder.path(), vec![Remote::new(url)]);
    let question = format!("Your sketch, prompt and settings are sent to {address}.");
    assert!(harness.query_by_label(&question).is_some(), "it is asked first");
    harness.get_by_label("Send").click();
    harness.run_steps(2);
    wait(&mut harness, "loading", |app| !app.is_loading());
    assert!(harness.query_by_label(&question).is_none());
    let text = format!("{address} makes the pictures. Canvas, mask, prompts and settings are sent there.");
    assert!(harness.query_by_label_contains(&text).is_some(), "the window should say where pictures are made");
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && results(app, 1).len() == 2);
    wait(&mut harness, "the files", |_| texts(folder.path()).len() == 2);
    for text in texts(folder.path()) {
        assert!(text.contains("through underpaint") && !text.contains("127.0.0.1"), "{text}");
    }
    wait_for_rest(&mut harness);
    wait(&mut harness, "the list", |_| !kept(folder.path()).servers.is_empty());
    let kept = kept(folder.path());
    assert!(kept.local && !kept.servers[0].is_on, "the command line counts for one launch");
    assert!(kept.servers[0].is_agreed && kept.servers[0].seconds.is_some());
    // Made again, here: the same model and arithmetic.
    perform(&mut harness, ResultCommand::RunAgain(1, 0));
    wait(&mut harness, "the comparison", |app| !app.is_running() && app.status().contains("same"));
    drop(harness);
    stop.stop();
    server.join().expect("no panic").expect("no error");
}

#[test]
fn a_server_is_added_in_the_list_and_this_machine_takes_over_again() {
    let (address, stop, server) = start();
    let folder = tempfile::tempdir().expect("folder");
    let url = ServerUrl::parse(&address.to_string()).expect("an address");
    let mut harness = window(folder.path(), Vec::new());
    wait(&mut harness, "loading", |app| !app.is_loading());
    perform(&mut harness, EngineCommand::Open);
    perform(&mut harness, EngineCommand::Add(url.clone(), None));
    wait(&mut harness, "the answer", |_| kept(folder.path()).servers.iter().any(|server| server.kind.is_some()));
    assert!(harness.query_by_label_contains("1 model").is_some(), "its health is shown");
    // Declined, nothing changes.
    harness.get_by_label(url.host()).click();
    harness.run_steps(5);
    harness.get_by_label("Send nothing").click();
    harness.run_steps(5);
    assert!(!kept(folder.path()).servers[0].is_agreed);
    harness.get_by_label(url.host()).click();
    harness.run_steps(5);
    harness.get_by_label("Send").click();
    harness.run_steps(5);
    perform(&mut harness, EngineCommand::Close);
    wait(&mut harness, "loading there", |app| !app.is_loading());
    let says =
        |harness: &Harness<'static, App>| harness.query_by_label_contains("makes the pictures. Canvas").is_some();
    assert!(says(&harness));
    wait(&mut harness, "the list", |_| kept(folder.path()).servers[0].is_on);
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && results(app, 1).len() == 2);
    perform(&mut harness, EngineCommand::Switch(url.clone(), false));
    wait(&mut harness, "loading here", |app| !app.is_loading());
    assert!(!says(&harness));
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round here", |app| !app.is_running() && results(app, 2).len() == 2);
    // The next window remembers, and what was agreed is not asked again.
    perform(&mut harness, EngineCommand::Switch(url, true));
    wait(&mut harness, "the list", |_| kept(folder.path()).servers[0].is_on);
    crate::harness::close(harness);
    let mut harness = window(folder.path(), Vec::new());
    wait(&mut harness, "loading there again", |app| !app.is_loading());
    assert!(says(&harness) && harness.query_by_label("Send").is_none());
    drop(harness);
    stop.stop();
    server.join().expect("no panic").expect("no error");
}

#[test]
fn a_server_that_cannot_be_reached_is_said_and_the_window_goes_on() {
    let folder = tempfile::tempdir().expect("folder");
    let url = ServerUrl::parse("127.0.0.1:1").expect("an address");
    let mut harness = window(folder.path(), vec![Remote::new(url.clone())]);
    harness.get_by_label("Send").click();
    harness.run_steps(5);
    wait(&mut harness, "the refusal", |app| !app.is_loading());
    assert!(harness.state().status().contains("127.0.0.1:1 cannot be reached"), "{}", harness.state().status());
    perform(&mut harness, EngineCommand::Switch(url, false));
    wait(&mut harness, "loading here", |app| !app.is_loading());
    perform(&mut harness, CanvasCommand::Example);
    perform(&mut harness, RoundCommand::Generate);
    wait(&mut harness, "the round", |app| !app.is_running() && results(app, 1).len() == 2);
}
