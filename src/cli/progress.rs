//! Progress on standard error: a bar on a terminal, plain lines elsewhere.

use std::cell::Cell;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{harmless, print_error_line};
use crate::engine::{Settings, Stage};

pub(super) struct ProgressLine {
    bar: Option<ProgressBar>,
    /// The steps of each picture.
    steps: Vec<usize>,
    recipe: String,
    /// The tile of a second pass that is being made, from 0, and how many there are.
    tile: Cell<Option<(usize, usize)>>,
    /// The image and step that were told last: a preview may be told after its step.
    told: Cell<Option<(usize, usize)>>,
}

impl ProgressLine {
    /// `steps` says how many steps each picture runs; silent when `quiet`.
    pub fn new(settings: &Settings, steps: Vec<usize>, quiet: bool) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        let bar = (on_terminal && !quiet).then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(steps.iter().sum::<usize>() as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:32} {msg} {elapsed} elapsed, {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        // The pictures of a sheet may run different numbers of steps.
        let recipe = match steps.first() {
            Some(run) if settings.strength < 1.0 && *run < settings.steps && steps.iter().all(|other| other == run) => {
                format!(": {} steps at strength {} run {run}", settings.steps, settings.strength)
            }
            _ => String::new(),
        };
        Self { bar, steps, recipe, tile: Cell::new(None), told: Cell::new(None) }
    }

    pub fn stage(&self, stage: Stage) {
        let text = match stage {
            Stage::ReadingPrompt => "reading the prompt".to_owned(),
            Stage::Encoding => "encoding the start picture".to_owned(),
            Stage::Enlarging => "enlarging the picture".to_owned(),
            Stage::Tile { tile, tiles } => {
                self.tile.set(Some((tile, tiles)));
                format!("tile {} of {tiles}", tile + 1)
            }
            Stage::Decoding(image) => format!("decoding image {} of {}", image + 1, self.steps.len()),
            Stage::Working { image, seconds } => {
                let text = format!("image {} of {}, for {seconds} s", image + 1, self.steps.len());
                // Where lines stay, one every half minute is enough.
                if self.bar.is_none() && seconds > 0 && seconds.is_multiple_of(30) {
                    print_error_line(&text);
                }
                text
            }
        };
        if let Some(bar) = &self.bar {
            bar.set_message(text);
        }
    }

    pub fn step(&self, image: usize, step: usize, steps: usize) {
        let text = match self.tile.get() {
            Some((tile, tiles)) => {
                let of_tile = (steps / tiles.max(1)).max(1);
                let done = step.saturating_sub(tile * of_tile);
                format!(
                    "image {} of {}, tile {} of {tiles}, step {done} of {of_tile}",
                    image + 1,
                    self.steps.len(),
                    tile + 1
                )
            }
            None => format!("image {} of {}, step {step} of {steps}{}", image + 1, self.steps.len(), self.recipe),
        };
        match &self.bar {
            Some(bar) => {
                bar.set_position((self.steps.iter().take(image).sum::<usize>() + step) as u64);
                bar.set_message(text);
            }
            None if self.told.get() == Some((image, step)) => {}
            None => print_error_line(&text),
        }
        self.told.set(Some((image, step)));
    }

    pub fn notice(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(harmless(text)),
            None => print_error_line(text),
        }
    }

    /// Runs `print` while the bar is hidden.
    pub fn aside(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
