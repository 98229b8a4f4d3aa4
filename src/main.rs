//! Arguments, then the window or a command. The only place that chooses the engine of this machine.

#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::ExitCode;
use std::sync::Arc;

use underpaint::cli::{self, Args, Command};
#[cfg(feature = "window")]
use underpaint::diffusion::HeaderInspector;
use underpaint::diffusion::LocalEngine;
use underpaint::engine::Runtime;
#[cfg(feature = "window")]
use underpaint::hub::Environment;
use underpaint::kernels::memory::Recycler;
#[cfg(feature = "window")]
use underpaint::models::Surroundings;
use underpaint::remote::EngineChoice;
use underpaint::vision::DepthNetwork;

#[global_allocator]
static MEMORY: Recycler = Recycler;

fn main() -> ExitCode {
    let args = match Args::from_words(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => error.exit(),
    };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("UNDERPAINT_LOG").unwrap_or_else(|_| "off".into()))
        .with_writer(std::io::stderr)
        .init();
    match run(args) {
        Ok(code) => match cli::output_error() {
            None => code,
            Some(error) => {
                cli::print_error_line(&format!("underpaint: {error}"));
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            // Every error is one sentence that says all; its causes would repeat it.
            cli::print_error_line(&format!("underpaint: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Args) -> anyhow::Result<ExitCode> {
    match args.command.take() {
        Some(Command::Generate(mut generate)) => {
            let servers = cli::servers_of(&mut generate)?;
            // On servers the model is one of theirs.
            if servers.as_ref().is_none_or(|choice| choice.local) {
                cli::find_model(&mut generate.engine)?;
                cli::use_threads(generate.engine.threads)?;
            }
            let local = || engine(&generate.engine, &generate.folders);
            match servers {
                Some(choice) => {
                    cli::generate(&generate, cli::remote_engine(&choice, || Box::new(local())).as_mut())?;
                }
                None => cli::generate(&generate, &mut local())?,
            }
        }
        Some(Command::Upscale(mut upscale)) => {
            cli::find_model(&mut upscale.engine)?;
            cli::use_threads(upscale.engine.threads)?;
            cli::upscale(&upscale, &mut engine(&upscale.engine, &upscale.folders))?;
        }
        Some(Command::Bench(mut bench)) => {
            cli::find_model(&mut bench.engine)?;
            cli::use_threads(bench.engine.threads)?;
            cli::bench(&bench)?;
        }
        Some(Command::Describe(args)) => cli::describe(&args)?,
        Some(Command::Inspect(inspect)) => {
            return Ok(exit_code(cli::inspect(&inspect)));
        }
        Some(Command::Reproduce(mut args)) => {
            // 1 says that the picture differs, so an error needs another status.
            return Ok(reproduce(&mut args).unwrap_or_else(|error| {
                cli::print_error_line(&format!("underpaint: {error}"));
                ExitCode::from(2)
            }));
        }
        Some(Command::Rounds(args)) => cli::rounds(&args)?,
        Some(Command::Export(args)) => return Ok(exit_code(cli::export(&args)?)),
        Some(Command::Flatten(args)) => cli::flatten(&args)?,
        Some(Command::Select(args)) => cli::select(&args)?,
        Some(Command::Check(args)) => return Ok(exit_code(cli::check(&args)?)),
        Some(Command::Models(command)) => return Ok(exit_code(cli::models(&command)?)),
        Some(Command::Serve(mut serve)) => {
            cli::find_model(&mut serve.engine)?;
            cli::use_threads(serve.engine.threads)?;
            let (options, folders) = (serve.engine.clone(), serve.folders.clone());
            cli::serve(&serve, Box::new(move || Box::new(engine(&options, &folders))))?;
        }
        Some(Command::Styles(args)) => cli::styles(&args)?,
        Some(Command::Licenses) => cli::licenses(),
        None => {
            let choice = args.remote.choice(&args.engine)?;
            if choice.is_local() {
                cli::find_model(&mut args.engine)?;
            }
            cli::use_threads(args.engine.threads)?;
            window(&args, choice)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The engine on this machine, which writes the hashes of model files into pictures where they are known.
fn engine(options: &cli::EngineOptions, folders: &cli::FolderOptions) -> LocalEngine {
    local_engine(options.runtime(folders))
}

/// The engine on this machine, which knows hashes of model files and makes pictures of depth where a network for it is here.
fn local_engine(runtime: Runtime) -> LocalEngine {
    let depth = DepthNetwork::new(cli::depth_model);
    LocalEngine::new(runtime).with_known_hashes(cli::default_home()).with_depth_maps(Arc::new(depth))
}

fn reproduce(args: &mut cli::ReproduceArgs) -> anyhow::Result<ExitCode> {
    cli::find_model(&mut args.engine)?;
    cli::use_threads(args.engine.threads)?;
    let same = cli::reproduce(args, &mut engine(&args.engine, &args.folders))?;
    Ok(exit_code(same))
}

fn exit_code(is_good: bool) -> ExitCode {
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(feature = "window")]
fn window(args: &Args, engines: EngineChoice) -> anyhow::Result<()> {
    let runtime = args.engine.runtime(&args.folders);
    let options = underpaint::ui::Options {
        model: if engines.is_local() { args.engine.model() } else { cli::model_on_servers(&args.engine) },
        folder: args.folders.out(),
        home: cli::default_home(),
        document: args.document.clone(),
        runtime: runtime.clone(),
        models: Some(underpaint::jobs::ModelSearch {
            inspector: Arc::new(HeaderInspector),
            around: Arc::new(Surroundings::of_this_system(cli::default_home())),
        }),
        hub: Environment::of_this_process().map_err(|error| error.to_string()),
        servers: engines.servers,
        with_local: engines.local,
    };
    // Among servers a model is chosen by its name.
    underpaint::ui::run(options, move || Box::new(cli::with_named_models(local_engine(runtime.clone()))))
}

#[cfg(not(feature = "window"))]
fn window(_: &Args, _: EngineChoice) -> anyhow::Result<()> {
    anyhow::bail!("This underpaint was built without its window. Try underpaint generate or underpaint --help.")
}
