//! `underpaint describe`: says what is in a picture.

use std::path::PathBuf;

use super::models::caption_model;
use super::print_line;
use crate::engine::Cancel;
use crate::picture::open;
use crate::vision::Captioner;

/// What `underpaint describe` describes, and with what.
#[derive(clap::Args, Debug)]
pub struct DescribeArgs {
    /// Pictures
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The folder of BLIP, its file of weights, or its name in underpaint models list [default: the one that is found]
    #[arg(long, value_name = "PATH|NAME")]
    pub model: Option<PathBuf>,
}

/// Prints a caption for each picture on a line, in the order of the files.
///
/// # Errors
/// A network that is not here or cannot be used, or a picture that cannot be read, as one sentence. What was described before
/// is printed.
pub fn describe(args: &DescribeArgs) -> anyhow::Result<()> {
    let cancel = Cancel::default();
    let first = args.files.first().map(|file| open(file)).transpose()?;
    let mut captioner = Captioner::load(&caption_model(args.model.as_deref())?, &cancel)?;
    let others = args.files.iter().skip(1).map(|file| open(file).map_err(anyhow::Error::from));
    for picture in first.into_iter().map(Ok).chain(others) {
        print_line(&captioner.caption(&picture?, &cancel)?);
    }
    Ok(())
}
