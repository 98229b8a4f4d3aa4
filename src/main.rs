//! Arguments, then the window or a command. The only place that chooses an engine.

#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::ExitCode;

use underpaint::cli::{self, Args, Command};
use underpaint::diffusion::LocalEngine;
use underpaint::kernels::memory::Recycler;

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

fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Some(Command::Generate(generate)) => {
            cli::use_threads(generate.engine.threads)?;
            cli::generate(&generate, &mut LocalEngine::new(generate.engine.runtime(&generate.folders)))?;
        }
        Some(Command::Bench(bench)) => {
            cli::use_threads(bench.engine.threads)?;
            cli::bench(&bench)?;
        }
        Some(Command::Inspect(inspect)) => {
            return Ok(exit_code(cli::inspect(&inspect)));
        }
        Some(Command::Reproduce(args)) => {
            // 1 says that the picture differs, so an error needs another status.
            return Ok(reproduce(&args).unwrap_or_else(|error| {
                cli::print_error_line(&format!("underpaint: {error}"));
                ExitCode::from(2)
            }));
        }
        Some(Command::Rounds(args)) => cli::rounds(&args)?,
        Some(Command::Export(args)) => return Ok(exit_code(cli::export(&args)?)),
        Some(Command::Check(args)) => return Ok(exit_code(cli::check(&args)?)),
        Some(Command::Models(command)) => return Ok(exit_code(cli::models(&command)?)),
        Some(Command::Licenses) => cli::licenses(),
        None => {
            cli::use_threads(args.engine.threads)?;
            window(&args)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn reproduce(args: &cli::ReproduceArgs) -> anyhow::Result<ExitCode> {
    cli::use_threads(args.engine.threads)?;
    let same = cli::reproduce(args, &mut LocalEngine::new(args.engine.runtime(&args.folders)))?;
    Ok(exit_code(same))
}

fn exit_code(is_good: bool) -> ExitCode {
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(feature = "window")]
fn window(args: &Args) -> anyhow::Result<()> {
    let runtime = args.engine.runtime(&args.folders);
    let options = underpaint::ui::Options {
        model: args.engine.model(),
        folder: args.folders.out(),
        home: cli::default_home(),
        document: args.document.clone(),
        runtime: runtime.clone(),
    };
    underpaint::ui::run(options, move || Box::new(LocalEngine::new(runtime.clone())))
}

#[cfg(not(feature = "window"))]
fn window(_: &Args) -> anyhow::Result<()> {
    anyhow::bail!("This underpaint was built without its window. Try underpaint generate or underpaint --help.")
}
