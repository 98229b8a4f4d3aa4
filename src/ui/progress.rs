//! How far a round is, in words, as a share, and in time left.

use std::time::Duration;

use crate::engine::{Plan, Settings, Stage};

/// Follows one round's events.
pub(super) struct Progress {
    /// The steps that each picture takes.
    steps: Vec<usize>,
    settings: Settings,
    plan: Plan,
    /// Whether each picture is to be made; some are made already or not wanted.
    is_wanted: Vec<bool>,
    /// Whether each picture is finished.
    is_finished: Vec<bool>,
    /// The picture being made, and how many of its steps are done.
    image: usize,
    step: usize,
    /// Steps done in all, also those of pictures that were skipped.
    done: usize,
    /// The tile of a second pass that is being made, from 0, and how many there are.
    tile: Option<(usize, usize)>,
    text: String,
    /// When the first step was done (seconds of the window's clock), to tell time left from.
    first: Option<(f64, usize)>,
    latest: f64,
}

impl Progress {
    /// `from_picture`: whether the round starts from a picture. `wanted`: the places of the pictures to be made.
    pub fn new(settings: &Settings, plan: &Plan, from_picture: bool, wanted: &[usize]) -> Self {
        let steps = plan.steps_to_report(settings, from_picture);
        Self {
            is_wanted: (0..steps.len()).map(|image| wanted.contains(&image)).collect(),
            is_finished: vec![false; steps.len()],
            steps,
            settings: settings.clone(),
            plan: plan.clone(),
            image: wanted.first().copied().unwrap_or(0),
            step: 0,
            done: 0,
            tile: None,
            text: "Starting".into(),
            first: None,
            latest: 0.0,
        }
    }

    pub fn say(&mut self, text: impl Into<String>) {
        self.text = text.into();
    }

    /// A share of the model is loaded.
    pub fn loading(&mut self, share: f64) {
        let name = self.text.split(", ").next().unwrap_or_default();
        self.text = format!("{name}, {:.0} %", 100.0 * share);
    }

    pub fn stage(&mut self, stage: Stage) {
        self.text = match stage {
            Stage::ReadingPrompt => "Reading the prompt".into(),
            Stage::Encoding => "Reading the sketch".into(),
            Stage::Enlarging => "Enlarging the picture".into(),
            Stage::Tile { tile, tiles } => {
                self.tile = Some((tile, tiles));
                format!("Tile {} of {tiles}", tile + 1)
            }
            Stage::Decoding(image) => format!("Finishing image {} of {}", image + 1, self.steps.len()),
            Stage::Working { image, seconds } => {
                let time = in_words(Duration::from_secs(seconds));
                format!("Image {} of {}, for {time}", image + 1, self.steps.len())
            }
        };
    }

    /// `now` in seconds.
    pub fn step(&mut self, image: usize, step: usize, steps: usize, now: f64) {
        let before = if image == self.image { self.step } else { 0 };
        self.done += step.saturating_sub(before);
        (self.image, self.step) = (image, step);
        if let Some(planned) = self.steps.get_mut(image) {
            *planned = steps;
        }
        self.latest = now;
        self.first.get_or_insert((now, self.done));
        if let Some((tile, tiles)) = self.tile {
            let of_tile = (steps / tiles.max(1)).max(1);
            let step = step.saturating_sub(tile * of_tile);
            self.text = format!("Tile {} of {tiles}, step {step} of {of_tile}", tile + 1);
            return;
        }
        self.text = format!("Image {} of {}, step {step} of {steps}", image + 1, self.steps.len());
        let Settings { steps: asked, strength, .. } = self.plan.settings_of(image, &self.settings);
        if steps != asked {
            self.text += &format!(": {asked} steps at strength {strength} run {steps}");
        }
    }

    /// A picture is finished.
    pub fn finished(&mut self, image: usize) {
        if let Some(is_finished) = self.is_finished.get_mut(image) {
            *is_finished = true;
        }
        self.step = 0;
    }

    /// A picture that was to be made is not wanted any more.
    pub fn skipped(&mut self, image: usize) {
        if let Some(is_wanted) = self.is_wanted.get_mut(image) {
            *is_wanted = false;
        }
        self.step = 0;
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// `0..=1`.
    pub fn share(&self) -> f32 {
        (self.steps_of_wanted() as f32 / self.all().max(1) as f32).min(1.0)
    }

    /// How much of the present picture is done, `0..=1`.
    pub fn share_of_picture(&self) -> f64 {
        let steps = self.steps.get(self.image).copied().unwrap_or(0);
        (self.step as f64 / steps.max(1) as f64).min(1.0)
    }

    /// The pace so far, in seconds for each step; none before there is one.
    pub fn pace(&self) -> Option<f64> {
        let (begun, first) = self.first?;
        let made = self.done.checked_sub(first).filter(|made| *made > 0)?;
        Some((self.latest - begun) / made as f64)
    }

    /// From the pace so far; none before there is one.
    pub fn time_left(&self) -> Option<Duration> {
        let pace = self.pace()?;
        let left = self.all().saturating_sub(self.steps_of_wanted());
        Duration::try_from_secs_f64(pace * left as f64).ok()
    }

    /// Steps done of pictures that were not skipped.
    fn steps_of_wanted(&self) -> usize {
        let steps_of = |image: usize| match self.is_finished[image] {
            true => self.steps[image],
            false if image == self.image => self.step,
            false => 0,
        };
        self.wanted().map(steps_of).sum()
    }

    /// The steps of all pictures that are to be made.
    fn all(&self) -> usize {
        self.wanted().map(|image| self.steps[image]).sum()
    }

    fn wanted(&self) -> impl Iterator<Item = usize> {
        (0..self.steps.len()).filter(|image| self.is_wanted[*image])
    }
}

/// "8 s", "2 min 05 s".
pub(super) fn in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_tell_image_step_and_why_fewer_steps_run() {
        let mut progress = Progress::new(&Settings::default(), &Plan::default(), true, &[0, 1, 2, 3]);
        progress.finished(0);
        progress.step(1, 7, 16, 0.0);
        assert_eq!(progress.text(), "Image 2 of 4, step 7 of 16: 20 steps at strength 0.75 run 16");
        assert!((progress.share() - 23.0 / 64.0).abs() < 1e-6);
    }

    #[test]
    fn of_a_server_that_tells_no_steps_the_time_is_told() {
        let mut progress = Progress::new(&Settings::default(), &Plan::default(), true, &[0, 1, 2, 3]);
        progress.stage(Stage::Working { image: 1, seconds: 75 });
        assert_eq!((progress.text(), progress.time_left()), ("Image 2 of 4, for 1 min 15 s", None));
    }

    #[test]
    fn pictures_of_a_sheet_may_take_different_numbers_of_steps() {
        let plan = Plan { sheet: Some(crate::engine::Sheet::strength_ladder()), ..Plan::default() };
        let mut progress = Progress::new(&Settings::default(), &plan, true, &[0, 1, 2, 3]);
        (0..3).for_each(|image| progress.finished(image));
        assert!((progress.share() - 39.0 / 58.0).abs() < 1e-6, "{}", progress.share());
        progress.step(3, 19, 19, 0.0);
        assert_eq!(progress.text(), "Image 4 of 4, step 19 of 19: 20 steps at strength 0.9 run 19");
        assert!((progress.share() - 1.0).abs() < 1e-6, "{}", progress.share());
    }

    #[test]
    fn time_left_follows_the_pace() {
        let mut progress = Progress::new(&Settings::default(), &Plan::default(), true, &[0, 1, 2, 3]);
        assert_eq!(progress.time_left(), None);
        progress.step(0, 1, 16, 10.0);
        assert_eq!(progress.time_left(), None);
        progress.step(0, 3, 16, 12.0);
        assert_eq!(progress.time_left(), Some(Duration::from_secs(61)));
        assert_eq!(in_words(Duration::from_secs(61)), "1 min 01 s");
        assert_eq!(in_words(Duration::from_millis(7200)), "8 s");
    }

    #[test]
    fn a_skipped_picture_counts_for_the_pace_and_not_for_what_is_left() {
        let mut progress = Progress::new(&Settings::default(), &Plan::default(), true, &[0, 1, 2]);
        for (step, now) in [(1, 0.0), (2, 1.0), (8, 7.0)] {
            progress.step(0, step, 16, now);
        }
        progress.skipped(0);
        progress.step(1, 1, 16, 8.0);
        assert_eq!(progress.time_left(), Some(Duration::from_secs(31)), "two pictures less one step");
        assert!((progress.share() - 1.0 / 32.0).abs() < 1e-6);
    }
}
