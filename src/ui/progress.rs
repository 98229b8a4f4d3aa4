//! How far a round is, in words, as a share, and in time left.

use std::time::Duration;

use crate::engine::{Settings, Stage};

/// Follows one round's events.
pub(super) struct Progress {
    batch: usize,
    /// How many pictures are to be made; fewer than the batch if some are made already or not wanted.
    pictures: usize,
    steps: usize,
    asked_steps: usize,
    strength: f64,
    /// Pictures that are finished.
    finished: usize,
    /// The picture being made, and how many of its steps are done.
    image: usize,
    step: usize,
    /// Steps done in all, also those of pictures that were skipped.
    done: usize,
    text: String,
    /// When the first step was done (seconds of the window's clock), to tell time left from.
    first: Option<(f64, usize)>,
    latest: f64,
}

impl Progress {
    /// `from_picture`: whether the round starts from the canvas. `pictures`: how many of the batch are to be made.
    pub fn new(settings: &Settings, from_picture: bool, pictures: usize) -> Self {
        let steps = settings.steps_to_report(from_picture);
        Self {
            batch: settings.batch,
            pictures,
            steps,
            asked_steps: settings.steps,
            strength: settings.strength,
            finished: 0,
            image: 0,
            step: 0,
            done: 0,
            text: "Starting".into(),
            first: None,
            latest: 0.0,
        }
    }

    pub fn say(&mut self, text: impl Into<String>) {
        self.text = text.into();
    }

    pub fn stage(&mut self, stage: Stage) {
        self.text = match stage {
            Stage::ReadingPrompt => "Reading the prompt".into(),
            Stage::Encoding => "Reading the sketch".into(),
            Stage::Decoding(image) => format!("Finishing image {} of {}", image + 1, self.batch),
        };
    }

    /// `now` in seconds.
    pub fn step(&mut self, image: usize, step: usize, steps: usize, now: f64) {
        let before = if image == self.image { self.step } else { 0 };
        self.done += step.saturating_sub(before);
        (self.image, self.step, self.steps) = (image, step, steps);
        self.latest = now;
        self.first.get_or_insert((now, self.done));
        self.text = format!("Image {} of {}, step {step} of {steps}", image + 1, self.batch);
        if steps != self.asked_steps {
            self.text += &format!(": {} steps at strength {} run {steps}", self.asked_steps, self.strength);
        }
    }

    /// A picture is finished.
    pub fn finished(&mut self) {
        self.finished += 1;
        self.step = 0;
    }

    /// A picture that was to be made is not wanted any more.
    pub fn skipped(&mut self) {
        self.pictures = self.pictures.saturating_sub(1);
        self.step = 0;
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// `0..=1`.
    pub fn share(&self) -> f32 {
        let all = self.pictures.saturating_mul(self.steps).max(1);
        (self.steps_of_wanted() as f32 / all as f32).min(1.0)
    }

    /// How much of the present picture is done, `0..=1`.
    pub fn share_of_picture(&self) -> f64 {
        (self.step as f64 / self.steps.max(1) as f64).min(1.0)
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
        let left = self.pictures.saturating_mul(self.steps).saturating_sub(self.steps_of_wanted());
        Duration::try_from_secs_f64(pace * left as f64).ok()
    }

    /// Steps done of pictures that were not skipped.
    fn steps_of_wanted(&self) -> usize {
        self.finished.saturating_mul(self.steps).saturating_add(self.step)
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
        let mut progress = Progress::new(&Settings::default(), true, 4);
        progress.finished();
        progress.step(1, 7, 16, 0.0);
        assert_eq!(progress.text(), "Image 2 of 4, step 7 of 16: 20 steps at strength 0.75 run 16");
        assert!((progress.share() - 23.0 / 64.0).abs() < 1e-6);
    }

    #[test]
    fn time_left_follows_the_pace() {
        let mut progress = Progress::new(&Settings::default(), true, 4);
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
        let mut progress = Progress::new(&Settings::default(), true, 3);
        for (step, now) in [(1, 0.0), (2, 1.0), (8, 7.0)] {
            progress.step(0, step, 16, now);
        }
        progress.skipped();
        progress.step(1, 1, 16, 8.0);
        assert_eq!(progress.time_left(), Some(Duration::from_secs(31)), "two pictures less one step");
        assert!((progress.share() - 1.0 / 32.0).abs() < 1e-6);
    }
}
