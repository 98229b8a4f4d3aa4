//! What can be said on the command line: the commands, and options that may stand before them. Each command has its own
//! options in its own file.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use super::bench::BenchArgs;
use super::check::CheckArgs;
use super::describe::DescribeArgs;
use super::export::ExportArgs;
use super::flatten::FlattenArgs;
use super::generate_args::GenerateArgs;
use super::inspect::InspectArgs;
use super::models::ModelsCommand;
use super::options::{EngineOptions, FolderOptions};
use super::remote_args::RemoteArgs;
use super::reproduce::ReproduceArgs;
use super::rounds::RoundsArgs;
use super::select::SelectArgs;
use super::serve::ServeArgs;
use super::styles::StylesArgs;
use super::upscale_args::UpscaleArgs;
use crate::document::store::DOCUMENT_ENDING;

/// Paint a rough picture, say what it should become, and let Stable Diffusion on this machine
/// finish it. Without a command the window opens. Options may stand before a command or after it.
#[derive(Parser, Debug)]
#[command(name = "underpaint", version)]
pub struct Args {
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Where pictures are written and additions to the model are found.
    #[command(flatten)]
    pub folders: FolderOptions,
    /// Which server makes the pictures instead of this machine.
    #[command(flatten)]
    pub remote: RemoteArgs,
    /// Document (.underpaint) to open in the window
    #[arg(value_name = "FILE", value_parser = document)]
    pub document: Option<PathBuf>,
    /// What to do instead of opening the window
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do without its window.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make pictures from a prompt, or from a picture and a prompt
    #[command(allow_negative_numbers = true)]
    Generate(Box<GenerateArgs>),
    /// Make a picture larger: enlarged, then worked over in tiles that overlap (the web UI's "SD upscale")
    #[command(allow_negative_numbers = true)]
    Upscale(Box<UpscaleArgs>),
    /// Time the parts of a model on this machine
    Bench(BenchArgs),
    /// List the rounds of a document: prompts, settings, seeds, results
    Rounds(RoundsArgs),
    /// Write every picture of a document as a file of its own
    Export(ExportArgs),
    /// Compose the layers of an OpenRaster picture or a document and write them as one PNG
    Flatten(FlattenArgs),
    /// Write the object at a point or in a box of a picture as a mask (Segment Anything)
    #[command(allow_negative_numbers = true)]
    Select(SelectArgs),
    /// Make a saved picture again and say whether it comes out the same: exit status 0 if it does, 1 if it
    /// differs, 2 if it cannot be made
    Reproduce(Box<ReproduceArgs>),
    /// Look whether a document is damaged, and save what can still be read of it
    Check(CheckArgs),
    /// Say what is in pictures, a caption on a line each (BLIP)
    Describe(DescribeArgs),
    /// Say what files are and what this program would make of them, without using them
    Inspect(InspectArgs),
    /// Models on this machine and on the Hugging Face hub
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Let other programs use the engine over HTTP, with the API of AUTOMATIC1111's web UI
    Serve(Box<ServeArgs>),
    /// List the styles that pictures can be made in, or import some
    Styles(StylesArgs),
    /// Print the licences of the program and of everything inside it
    Licenses,
}

impl Args {
    /// Reads the program's arguments and applies the options before the command to it.
    ///
    /// # Errors
    /// What clap reports, an option with two values, an option that its command has no use for, or
    /// `generate` without `--out` or `--document`, or `export` or `flatten` without `--out`.
    pub fn from_words<I>(words: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator,
        I::Item: Into<std::ffi::OsString> + Clone,
    {
        let mut args = Self::try_parse_from(words)?;
        args.apply_to_command().map_err(|(kind, text)| Self::command().error(kind, text))?;
        Ok(args)
    }

    fn apply_to_command(&mut self) -> Result<(), (ErrorKind, String)> {
        let Some(command) = &mut self.command else { return Ok(()) };
        if self.document.is_some() {
            let text = "a document to open in the window cannot stand before a command";
            return Err((ErrorKind::ArgumentConflict, text.into()));
        }
        let (engine, folders) = (std::mem::take(&mut self.engine), std::mem::take(&mut self.folders));
        let remote = std::mem::take(&mut self.remote);
        let conflict = |text| (ErrorKind::ArgumentConflict, text);
        if remote != RemoteArgs::default() && !matches!(command, Command::Generate(_)) {
            return Err(conflict("--engine counts for the window and for underpaint generate".into()));
        }
        let unused = |name: Option<&str>, command: &str| match name {
            Some(name) => Err(conflict(format!("underpaint {command} has no use for {name}"))),
            None => Ok(()),
        };
        match command {
            Command::Generate(args) => {
                args.remote = std::mem::take(&mut args.remote).merged(remote).map_err(conflict)?;
                args.engine = std::mem::take(&mut args.engine).merged(engine).map_err(conflict)?;
                args.folders = std::mem::take(&mut args.folders).merged(folders).map_err(conflict)?;
                if args.folders.out.is_none() && args.document.is_none() && !args.estimate {
                    let text = "underpaint generate needs a folder for its pictures, --out DIR, or a document, --document FILE";
                    return Err((ErrorKind::MissingRequiredArgument, text.into()));
                }
                Ok(())
            }
            Command::Upscale(args) => {
                args.engine = std::mem::take(&mut args.engine).merged(engine).map_err(conflict)?;
                args.folders = std::mem::take(&mut args.folders).merged(folders).map_err(conflict)?;
                if args.folders.out.is_none() && !args.estimate {
                    let text = "underpaint upscale needs a folder for the picture: --out DIR";
                    return Err((ErrorKind::MissingRequiredArgument, text.into()));
                }
                Ok(())
            }
            Command::Export(args) => {
                let own = FolderOptions { out: args.out.take(), ..FolderOptions::default() };
                let merged = own.merged(folders).map_err(conflict)?;
                args.out = merged.out.clone();
                unused(engine.first_given(), "export")?;
                unused(FolderOptions { out: None, ..merged }.first_given(), "export")?;
                match &args.out {
                    Some(_) => Ok(()),
                    None if args.summary.is_given() && args.output.is_given() => Err(conflict(
                        "format and names of pictures count for those that are written with --out DIR".into(),
                    )),
                    None if args.summary.is_given() => Ok(()),
                    None => Err((
                        ErrorKind::MissingRequiredArgument,
                        "underpaint export needs a folder for the pictures: --out DIR".into(),
                    )),
                }
            }
            Command::Flatten(args) => {
                let own = FolderOptions { out: args.out.take(), ..FolderOptions::default() };
                let merged = own.merged(folders).map_err(conflict)?;
                args.out = merged.out.clone();
                unused(engine.first_given(), "flatten")?;
                unused(FolderOptions { out: None, ..merged }.first_given(), "flatten")?;
                match &args.out {
                    Some(_) => Ok(()),
                    None => Err((
                        ErrorKind::MissingRequiredArgument,
                        "underpaint flatten needs a name for the picture: --out PNG".into(),
                    )),
                }
            }
            Command::Select(args) => {
                let own = FolderOptions { out: args.out.take(), ..FolderOptions::default() };
                let merged = own.merged(folders).map_err(conflict)?;
                args.out = merged.out.clone();
                unused(engine.first_given(), "select")?;
                unused(FolderOptions { out: None, ..merged }.first_given(), "select")?;
                match &args.out {
                    Some(_) => Ok(()),
                    None => Err((
                        ErrorKind::MissingRequiredArgument,
                        "underpaint select needs a name for the mask: --out PNG".into(),
                    )),
                }
            }
            Command::Reproduce(args) => {
                args.engine = std::mem::take(&mut args.engine).merged(engine).map_err(conflict)?;
                args.folders = std::mem::take(&mut args.folders).merged(folders).map_err(conflict)?;
                unused(args.folders.out.as_ref().map(|_| "--out"), "reproduce")
            }
            Command::Serve(args) => {
                args.engine = std::mem::take(&mut args.engine).merged(engine).map_err(conflict)?;
                args.folders = std::mem::take(&mut args.folders).merged(folders).map_err(conflict)?;
                unused(args.folders.out.as_ref().map(|_| "--out"), "serve")
            }
            Command::Rounds(_) => unused(engine.first_given().or(folders.first_given()), "rounds"),
            Command::Check(_) => unused(engine.first_given().or(folders.first_given()), "check"),
            Command::Bench(args) => {
                args.engine = std::mem::take(&mut args.engine).merged(engine).map_err(conflict)?;
                unused(folders.first_given(), "bench")
            }
            Command::Describe(_) => unused(engine.first_given().or(folders.first_given()), "describe"),
            Command::Inspect(_) => unused(engine.first_given().or(folders.first_given()), "inspect"),
            Command::Models(_) => unused(engine.first_given().or(folders.first_given()), "models"),
            Command::Styles(_) => unused(engine.first_given().or(folders.first_given()), "styles"),
            Command::Licenses => unused(engine.first_given().or(folders.first_given()), "licenses"),
        }
    }
}

/// A mistyped command must not be taken for a document.
fn document(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(name);
    match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case(DOCUMENT_ENDING) => Ok(path),
        _ => Err("this is neither a command nor a document (.underpaint)".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{DeviceChoice, Dtype, Recommended, Settings, TiledVae};
    use crate::picture::Fit;

    const OPTIONS: [[&str; 2]; 8] = [
        ["--model", "/m"],
        ["--threads", "3"],
        ["--dtype", "bf16"],
        ["--device", "cuda:1"],
        ["--tiled-vae", "on"],
        ["--out", "/o"],
        ["--loras", "/l"],
        ["--embeddings", "/e"],
    ];
    /// The first of them are the engine's, the others folders.
    const ENGINE_OPTIONS: usize = 5;
    const GENERATE: [&str; 3] = ["generate", "--prompt", "x"];
    const FULL: [&str; 5] = ["generate", "--prompt", "x", "--out", "/o"];

    fn read(parts: &[&[&str]]) -> Result<Args, clap::Error> {
        Args::from_words(["underpaint"].into_iter().chain(parts.concat()))
    }

    fn options_of(args: Args) -> (EngineOptions, FolderOptions) {
        match args.command {
            None => (args.engine, args.folders),
            Some(Command::Generate(args)) => (args.engine, args.folders),
            Some(Command::Reproduce(args)) => (args.engine, args.folders),
            Some(Command::Serve(args)) => (args.engine, args.folders),
            Some(Command::Upscale(args)) => (args.engine, args.folders),
            Some(Command::Bench(args)) => (args.engine, FolderOptions::default()),
            Some(Command::Flatten(args)) => {
                (EngineOptions::default(), FolderOptions { out: args.out, ..Default::default() })
            }
            Some(Command::Select(args)) => {
                (EngineOptions::default(), FolderOptions { out: args.out, ..Default::default() })
            }
            Some(Command::Export(args)) => {
                (EngineOptions::default(), FolderOptions { out: args.out, ..Default::default() })
            }
            Some(
                Command::Rounds(_)
                | Command::Check(_)
                | Command::Describe(_)
                | Command::Inspect(_)
                | Command::Models(_)
                | Command::Styles(_)
                | Command::Licenses,
            ) => Default::default(),
        }
    }

    fn everything() -> (EngineOptions, FolderOptions) {
        let engine = EngineOptions {
            model: Some("/m".into()),
            threads: Some(3),
            dtype: Some(Dtype::Bf16),
            device: Some(DeviceChoice::Cuda(1)),
            tiled_vae: Some(TiledVae::On),
        };
        let folders = FolderOptions { out: Some("/o".into()), loras: Some("/l".into()), embeddings: Some("/e".into()) };
        (engine, folders)
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let generate = |words: &[&str]| match read(&[&FULL, words]).map(|args| args.command) {
            Ok(Some(Command::Generate(args))) => Ok(args),
            Ok(_) => panic!("another command"),
            Err(error) => Err(error.to_string()),
        };
        let args = generate(&["--cfg", "7,5", "--strength", "0.25", "--seed", "-1"]).expect("reads");
        assert_eq!((args.cfg, args.strength, args.seed), (Some(7.5), Some(0.25), Some(-1)));
        // A number below the range is a number: the settings say what the range is.
        let args = generate(&["--guided", "-1", "--cfg", "-0.5"]).expect("reads");
        assert_eq!((args.guided, args.cfg), (Some(-1.0), Some(-0.5)));
        assert!(args.settings(Recommended::default()).check().is_err());
        for (words, told) in [
            (["--cfg", "1,000,5"], "give a number such as 7.5"),
            (["--steps", "-3"], "give a whole number such as 20"),
            (["--batch", "2.5"], "give a whole number such as 20"),
            (["--seed", "99999999999999999999"], "between 0 and 4294967295"),
        ] {
            let text = generate(&words).expect_err("refused");
            assert!(text.contains(told), "{words:?}: {text}");
        }
    }

    #[test]
    fn an_option_counts_before_a_command_and_after_it() {
        let all: Vec<&str> = OPTIONS.concat();
        for parts in [&[&all[..]][..], &[&all, &GENERATE], &[&GENERATE, &all]] {
            assert_eq!(options_of(read(parts).expect("valid")), everything(), "{parts:?}");
        }
        let engine: Vec<&str> = OPTIONS[..ENGINE_OPTIONS].concat();
        for parts in [&[&engine[..], &["bench"]][..], &[&["bench"], &engine]] {
            assert_eq!(options_of(read(parts).expect("valid")).0, everything().0, "{parts:?}");
        }
    }

    #[test]
    fn each_option_alone_counts_in_both_places() {
        for option in OPTIONS {
            let [before, after] = [[&option[..], &GENERATE], [&GENERATE, &option[..]]].map(|parts| {
                let parts = [parts[0], parts[1], if option[0] == "--out" { &[] } else { &["--out", "/o"] }];
                options_of(read(&parts).expect("valid"))
            });
            assert_eq!(before, after, "{option:?}");
            assert_ne!(before, options_of(read(&[&["generate", "--prompt", "x", "--out", "/p"]]).expect("valid")));
        }
    }

    #[test]
    fn two_values_for_one_option_are_an_error_and_the_same_twice_is_none() {
        for ([name, value], other) in OPTIONS.into_iter().zip(["/n", "4", "f32", "cpu", "off", "/p", "/k", "/f"]) {
            let out: &[&str] = if name == "--out" { &[] } else { &["--out", "/o"] };
            let error = read(&[&[name, value], &GENERATE, out, &[name, other]]).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{name}");
            assert!(error.to_string().contains(name), "{error}");
            read(&[&[name, value], &GENERATE, out, &[name, value]]).expect(name);
        }
    }

    #[test]
    fn an_option_that_a_command_has_no_use_for_is_refused_in_both_places() {
        for (i, option) in OPTIONS.iter().enumerate() {
            let commands: &[&[&str]] = &[
                &["bench"],
                &["describe", "x"],
                &["inspect", "x"],
                &["licenses"],
                &["rounds", "x"],
                &["check", "x"],
                &["styles"],
            ];
            for command in if i < ENGINE_OPTIONS { &commands[1..] } else { commands } {
                // A model that looks at pictures is another one than the engine's.
                if command[0] == "describe" && option[0] == "--model" {
                    continue;
                }
                for parts in [[&option[..], command], [command, &option[..]]] {
                    let error = read(&parts).expect_err("refused").to_string();
                    assert!(error.contains(option[0]), "{parts:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn generate_needs_a_folder_and_the_defaults_are_the_usual_ones() {
        assert_eq!(read(&[&GENERATE]).expect_err("refused").kind(), ErrorKind::MissingRequiredArgument);
        let args = read(&[&FULL]).expect("valid");
        let Some(Command::Generate(args)) = args.command else { panic!("generate") };
        assert_eq!((args.engine.model(), args.engine.dtype(), args.fit), (Default::default(), Dtype::Auto, Fit::Fill));
        assert_eq!(args.engine.device(), DeviceChoice::Auto);
    }

    #[test]
    fn a_document_alone_is_opened_in_the_window() {
        let args = read(&[&["--threads", "2", "a.underpaint"]]).expect("valid");
        assert_eq!((args.document, args.command.is_none()), (Some("a.underpaint".into()), true));
        assert!(read(&[&["genrate"]]).expect_err("refused").to_string().contains("neither a command nor a document"));
        assert!(read(&[&["a.underpaint", "licenses"]]).is_err());
    }

    #[test]
    fn a_document_stands_in_for_a_folder_and_a_prompt() {
        let args = read(&[&["generate", "--document", "/d", "--steps", "7"]]).expect("valid");
        let Some(Command::Generate(args)) = args.command else { panic!("generate") };
        let base = Settings { prompt: "a pear".into(), cfg_scale: 3.0, batch: 2, ..Settings::default() };
        let expected = Settings { steps: 7, ..base.clone() };
        assert_eq!(args.settings_over(base), expected);
        assert!(read(&[&["generate", "--out", "/o"]]).is_err(), "no prompt");
        assert!(read(&[&["export", "/d"]]).is_err(), "no folder");
        for parts in [["--out", "/o", "export", "/d"], ["export", "/d", "--out", "/o"]] {
            assert_eq!(options_of(read(&[&parts]).expect("valid")).1.out, Some("/o".into()));
        }
        let sheet = ["export", "/d", "--contact-sheet", "/s.png"];
        assert!(read(&[&sheet]).is_ok() && read(&[&sheet, &["--out", "/o", "--format", "jpg"]]).is_ok());
        for option in [["--format", "jpg"], ["--name", "{seed}"]] {
            let text = read(&[&sheet, &option]).expect_err("refused").to_string();
            assert!(text.contains("--out"), "{text}");
        }
        assert!(read(&[&["--loras", "/l", "export", "/d", "--out", "/o"]]).is_err());
    }

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Args::command().debug_assert();
    }
}
