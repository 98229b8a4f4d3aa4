//! Options that say as what pictures are written.

use crate::picture::{Encoding, FileKind, NamePattern, OutputOptions};

/// The kind of picture files, their names, and what is inside.
#[derive(clap::Args, Clone, Debug, Default, PartialEq)]
pub struct OutputArgs {
    /// Format of the pictures: png, jpg, or webp (lossless). All hold the settings [default: png]
    #[arg(long, value_parser = format, value_name = "png|jpg|webp")]
    pub format: Option<FileKind>,
    /// JPEG quality, 1 to 100 [default: 95]
    #[arg(long, value_parser = quality, value_name = "N")]
    pub quality: Option<u8>,
    /// Names of the pictures, without ending. Words in braces stand for what made them: {number}, {date},
    /// {time}, {prompt}, {seed}, {index}, {round}, {model}, {sampler}, {steps}, {cfg}, {strength}, {size}.
    /// Nothing is written over: a name that is taken gets a number
    #[arg(long, value_parser = pattern, value_name = "PATTERN")]
    pub name: Option<NamePattern>,
    /// Save the start image in each PNG, so that it can be made again with --from
    #[arg(long)]
    pub with_start: bool,
}

impl OutputArgs {
    /// Whether pictures are written in another way than usual.
    pub fn is_given(&self) -> bool {
        *self != Self::default()
    }

    /// The options, with this pattern unless another one is given.
    ///
    /// # Errors
    /// Options that exclude each other, as one sentence.
    pub fn options(&self, usual: NamePattern) -> Result<OutputOptions, String> {
        let kind = self.format.unwrap_or_default();
        if self.quality.is_some() && kind != FileKind::Jpeg {
            return Err("--quality counts for JPEG alone; say --format jpg too.".into());
        }
        if self.with_start && kind != FileKind::Png {
            return Err("Only a PNG can hold the start image; leave out --format or --with-start.".into());
        }
        let jpeg_quality = self.quality.unwrap_or(Encoding::JPEG_QUALITY);
        Ok(OutputOptions {
            encoding: Encoding { kind, jpeg_quality },
            name: self.name.clone().unwrap_or(usual),
            with_start: self.with_start,
        })
    }
}

fn format(name: &str) -> Result<FileKind, String> {
    FileKind::from_name(name).ok_or_else(|| "say png, jpg or webp".into())
}

fn quality(text: &str) -> Result<u8, String> {
    match text.trim().parse() {
        Ok(quality @ 1..=100) => Ok(quality),
        _ => Err("give a number between 1 and 100".into()),
    }
}

fn pattern(text: &str) -> Result<NamePattern, String> {
    NamePattern::new(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_word_and_the_defaults_are_the_usual_ones() {
        #[derive(clap::Parser)]
        struct Alone {
            #[command(flatten)]
            output: OutputArgs,
        }
        let help = <Alone as clap::CommandFactory>::command().render_long_help().to_string();
        let help: Vec<&str> = help.split_whitespace().collect();
        assert!(help.join(" ").contains(&NamePattern::words()), "{help:?}");
        let alone = <Alone as clap::Parser>::try_parse_from(["x"]).expect("valid").output;
        assert!(!alone.is_given());
        assert_eq!(alone.options(NamePattern::default()), Ok(OutputOptions::default()));
    }

    #[test]
    fn what_excludes_each_other_is_said() {
        let args = OutputArgs { quality: Some(80), ..OutputArgs::default() };
        assert!(args.options(NamePattern::default()).expect_err("refused").contains("--format jpg"));
        let jpeg = OutputArgs { format: Some(FileKind::Jpeg), ..args };
        assert_eq!(jpeg.options(NamePattern::default()).expect("fits").encoding.jpeg_quality, 80);
        let start = OutputArgs { with_start: true, ..jpeg };
        assert!(start.options(NamePattern::default()).expect_err("refused").contains("Only a PNG"));
        assert!(quality("0").is_err() && quality("101").is_err() && format("gif").is_err());
    }
}
