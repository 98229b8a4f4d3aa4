//! How far fetching is, how fast, and how long it will take.

use std::time::{Duration, Instant};

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchStage {
    /// Another program fetches the same file; this one waits for it.
    Waiting,
    /// Bytes arrive.
    Fetching,
    /// Nothing is asked for until the person goes on.
    Paused,
    /// The whole file is read and compared with its checksum.
    Checking,
}

/// How far fetching is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: FetchStage,
    /// How many bytes are here, with those of earlier tries; while checking, how many are checked.
    pub bytes: u64,
    /// How many bytes there are in all; `None` where the server does not say.
    pub total: Option<u64>,
    /// How many bytes arrive a second, averaged over some seconds; `None` before that is known.
    pub bytes_per_second: Option<u64>,
    /// How many seconds are left at that speed.
    pub seconds_left: Option<u64>,
}

/// How often progress is told.
const INTERVAL: Duration = Duration::from_millis(100);
/// The speed is measured over this time at least.
const SAMPLE: Duration = Duration::from_millis(250);
/// Samples this old count for about a third.
const MEMORY_SECONDS: f64 = 5.0;

/// Counts bytes and tells of them.
pub(super) struct ProgressMeter<'a> {
    tell: &'a mut dyn FnMut(Progress),
    stage: FetchStage,
    bytes: u64,
    total: Option<u64>,
    told: Option<Instant>,
    sample_begun: Instant,
    sample: u64,
    speed: Option<f64>,
}

impl<'a> ProgressMeter<'a> {
    pub fn new(tell: &'a mut dyn FnMut(Progress)) -> Self {
        let (stage, now) = (FetchStage::Fetching, Instant::now());
        Self { tell, stage, bytes: 0, total: None, told: None, sample_begun: now, sample: 0, speed: None }
    }

    /// Enters a stage with this many bytes done.
    pub fn enter(&mut self, stage: FetchStage, bytes: u64, total: Option<u64>) {
        if (stage, bytes, total) == (self.stage, self.bytes, self.total) && self.told.is_some() {
            return;
        }
        (self.stage, self.bytes, self.total) = (stage, bytes, total);
        (self.sample_begun, self.sample, self.speed) = (Instant::now(), 0, None);
        self.say();
    }

    /// Is in a stage with this many bytes done; the speed goes on where it is the present stage already.
    pub fn enter_at(&mut self, stage: FetchStage, bytes: u64, total: Option<u64>) {
        if self.stage != stage || self.total != total || self.told.is_none() {
            return self.enter(stage, bytes, total);
        }
        self.bytes = bytes;
    }

    /// Counts bytes that were just done.
    pub fn advance(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.sample = self.sample.saturating_add(bytes);
        self.tick();
    }

    /// Tells of it where that is due.
    pub fn tick(&mut self) {
        let passed = self.sample_begun.elapsed();
        if passed >= SAMPLE {
            self.speed = Some(smoothed(self.speed, self.sample, passed));
            (self.sample_begun, self.sample) = (Instant::now(), 0);
        }
        if self.told.is_none_or(|told| told.elapsed() >= INTERVAL) {
            self.say();
        }
    }

    fn say(&mut self) {
        self.told = Some(Instant::now());
        let speed = self.speed.filter(|speed| *speed >= 1.0);
        let left = self.total.map(|total| total.saturating_sub(self.bytes));
        (self.tell)(Progress {
            stage: self.stage,
            bytes: self.bytes,
            total: self.total,
            bytes_per_second: speed.map(|speed| speed as u64),
            seconds_left: speed.zip(left).map(|(speed, left)| (left as f64 / speed).ceil() as u64),
        });
    }
}

/// The speed in bytes a second after another sample.
fn smoothed(speed: Option<f64>, bytes: u64, passed: Duration) -> f64 {
    let seconds = passed.as_secs_f64().max(1e-3);
    let now = bytes as f64 / seconds;
    match speed {
        None => now,
        Some(speed) => speed + (now - speed) * (1.0 - (-seconds / MEMORY_SECONDS).exp()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_follows_slowly() {
        let second = Duration::from_secs(1);
        assert_eq!(smoothed(None, 1000, second), 1000.0);
        let slower = smoothed(Some(1000.0), 0, second);
        assert!((slower - 818.7).abs() < 0.1, "{slower}");
        let steady = (0..60).fold(None, |speed, _| Some(smoothed(speed, 500, second)));
        assert_eq!(steady, Some(500.0));
    }

    #[test]
    fn each_stage_is_told_once_at_its_beginning() {
        let mut told = Vec::new();
        let mut tell = |progress: Progress| told.push((progress.stage, progress.bytes));
        let mut meter = ProgressMeter::new(&mut tell);
        meter.enter(FetchStage::Waiting, 0, None);
        meter.enter(FetchStage::Waiting, 0, None);
        meter.enter(FetchStage::Fetching, 7, Some(10));
        assert_eq!(told, [(FetchStage::Waiting, 0), (FetchStage::Fetching, 7)]);
    }
}
