//! Fetches what is missing of a file.
//!
//! Each piece is asked for on a thread of its own; only this one writes. So a thread that hangs in the network can be
//! abandoned at any moment, and nothing of it reaches the file afterwards.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::piece::{News, PieceRequest};
use super::{PartFile, Source};
use crate::hub::http::{Client, Failure, wait_before_next};
use crate::hub::progress::ProgressMeter;
use crate::hub::{Control, FetchLimits, FetchStage, background};

/// How often the flags and the clock are looked at while nothing arrives.
const TICK: Duration = Duration::from_millis(50);
/// The smallest piece of a file that is fetched in parts, unless such files may be smaller.
const SMALLEST_PIECE: u64 = 16 << 20;

/// Fetches what is missing of `part`.
///
/// # Errors
/// [`Failure::Changed`] where the file is another one than `source` says; otherwise [`Failure::Final`]. What is here is
/// kept then, and is in the record.
pub(in crate::hub) fn transfer(
    client: &Arc<Client>,
    source: &Source,
    part: &mut PartFile,
    limits: &FetchLimits,
    control: &Control,
    meter: &mut ProgressMeter<'_>,
) -> Result<(), Failure> {
    let (sender, news) = bounded(16);
    let mut transfer = Transfer {
        client,
        source: Arc::new(source.clone()),
        part,
        limits,
        waiting: Vec::new(),
        running: HashMap::new(),
        last_id: 0,
        is_whole: source.size.is_none() || !source.has_ranges,
        furthest: 0,
        sender,
        news,
    };
    let result = transfer.run(control, meter);
    transfer.stop_all();
    // Also after an error: what is here must not be fetched again. A full disk is the error that is told.
    let recorded = transfer.part.record().map_err(Failure::Final);
    result.and(recorded)
}

/// A piece that nobody fetches at the moment.
struct Waiting {
    /// The bytes; `None` is the whole file.
    range: Option<Range<u64>>,
    /// How often it failed in a row.
    failures: u32,
    /// When it may be asked for.
    from: Instant,
}

/// A piece that is being fetched.
struct Running {
    /// The bytes still to come; `None` is the whole file.
    range: Option<Range<u64>>,
    /// Where the next bytes belong.
    at: u64,
    failures: u32,
    /// What was sent as `If-Range`.
    validator: Option<String>,
    stop: Arc<AtomicBool>,
}

struct Transfer<'a> {
    client: &'a Arc<Client>,
    source: Arc<Source>,
    part: &'a mut PartFile,
    limits: &'a FetchLimits,
    waiting: Vec<Waiting>,
    running: HashMap<u64, Running>,
    last_id: u64,
    /// Whether the file comes in one answer from its start, because the server sends no parts.
    is_whole: bool,
    /// How far a whole file has ever come: only more than that is progress.
    furthest: u64,
    sender: Sender<(u64, News)>,
    news: Receiver<(u64, News)>,
}

impl Transfer<'_> {
    fn run(&mut self, control: &Control, meter: &mut ProgressMeter<'_>) -> Result<(), Failure> {
        self.plan()?;
        loop {
            control.check().map_err(Failure::Final)?;
            self.part.record_if_due().map_err(Failure::Final)?;
            if control.is_paused() {
                meter.enter(FetchStage::Paused, self.part.count(), self.source.size);
                std::thread::sleep(TICK);
                continue;
            }
            meter.enter_at(FetchStage::Fetching, self.part.count(), self.source.size);
            self.start_due()?;
            if self.running.is_empty() && self.waiting.is_empty() {
                return Ok(());
            }
            match self.news.recv_timeout(TICK) {
                Ok((id, news)) => self.take(id, news, meter)?,
                Err(_) => meter.tick(),
            }
        }
    }

    /// Decides what is asked for.
    fn plan(&mut self) -> Result<(), Failure> {
        if self.is_whole {
            return self.plan_whole(0, Instant::now());
        }
        let size = self.source.size.unwrap_or(0);
        let in_parts = size >= self.limits.parts_from && self.limits.parts > 1;
        let piece = if in_parts {
            let share = size / (self.limits.parts as u64).saturating_mul(4);
            share.max(SMALLEST_PIECE.min(self.limits.parts_from / 4)).max(1)
        } else {
            u64::MAX
        };
        let from = Instant::now();
        // The last one is taken first.
        self.waiting = self
            .part
            .missing(piece)
            .into_iter()
            .rev()
            .map(|range| Waiting { range: Some(range), failures: 0, from })
            .collect();
        Ok(())
    }

    fn plan_whole(&mut self, failures: u32, from: Instant) -> Result<(), Failure> {
        self.stop_all();
        self.part.clear().map_err(Failure::Final)?;
        self.waiting = vec![Waiting { range: None, failures, from }];
        Ok(())
    }

    /// Asks for pieces that are due, as many as may run.
    fn start_due(&mut self) -> Result<(), Failure> {
        let most = if self.source.size.is_some_and(|size| size >= self.limits.parts_from) {
            self.limits.parts.max(1)
        } else {
            1
        };
        while self.running.len() < most {
            let now = Instant::now();
            let Some(due) = self.waiting.iter().rposition(|piece| piece.from <= now) else { return Ok(()) };
            let piece = self.waiting.remove(due);
            self.start(piece)?;
        }
        Ok(())
    }

    fn start(&mut self, piece: Waiting) -> Result<(), Failure> {
        self.last_id = self.last_id.wrapping_add(1);
        let stop = Arc::new(AtomicBool::new(false));
        // A whole file is asked for plainly, which every server understands.
        let is_all = piece.range.as_ref().is_some_and(|range| range.start == 0 && Some(range.end) == self.source.size);
        let validator = self.part.validator().map(str::to_owned);
        let request = PieceRequest {
            id: self.last_id,
            range: piece.range.clone().filter(|_| !is_all),
            validator: validator.clone(),
            stop: Arc::clone(&stop),
        };
        let at = piece.range.as_ref().map_or(0, |range| range.start);
        self.running
            .insert(self.last_id, Running { range: piece.range, at, failures: piece.failures, validator, stop });
        let (client, source, sender) = (Arc::clone(self.client), Arc::clone(&self.source), self.sender.clone());
        background::start(move || request.run(&client, &source, &sender)).map_err(Failure::Final)
    }

    fn take(&mut self, id: u64, news: News, meter: &mut ProgressMeter<'_>) -> Result<(), Failure> {
        // Of a request that was given up.
        if !self.running.contains_key(&id) {
            return Ok(());
        }
        match news {
            News::Opened { start, is_whole, validator } => self.opened(id, start, is_whole, validator),
            News::Bytes(bytes) => self.bytes(id, &bytes, meter),
            News::Ended(result) => self.ended(id, result),
        }
    }

    fn opened(&mut self, id: u64, start: u64, is_whole: bool, validator: Option<String>) -> Result<(), Failure> {
        let Some(running) = self.running.get_mut(&id) else { return Ok(()) };
        if !is_whole {
            running.at = start;
            if self.part.validator().is_none() {
                self.part.set_validator(validator);
            }
            return Ok(());
        }
        let sent = running.validator.clone();
        if sent.is_some() && validator != sent {
            if self.source.identity.is_none() {
                return Err(Failure::Changed);
            }
            // The same content on another server, which does not know the validator of the first.
            if self.part.validator() == sent.as_deref() {
                self.part.set_validator(None);
            }
            if let Some(Running { range, failures, .. }) = self.give_up(id) {
                self.waiting.push(Waiting { range, failures, from: Instant::now() });
            }
            return Ok(());
        }
        // The server sends no parts. This answer begins at the file's start, so it is taken as it is.
        self.is_whole = true;
        let kept = self.running.remove(&id);
        self.stop_all();
        self.part.clear().map_err(Failure::Final)?;
        self.part.set_validator(validator);
        if let Some(kept) = kept {
            self.running.insert(id, Running { range: None, at: 0, ..kept });
        }
        Ok(())
    }

    fn bytes(&mut self, id: u64, bytes: &[u8], meter: &mut ProgressMeter<'_>) -> Result<(), Failure> {
        let Some(running) = self.running.get_mut(&id) else { return Ok(()) };
        let count = bytes.len() as u64;
        self.part.write(running.at, bytes).map_err(Failure::Final)?;
        running.at = running.at.saturating_add(count);
        if let Some(range) = &mut running.range {
            range.start = running.at;
        }
        if !self.is_whole || running.at > self.furthest {
            running.failures = 0;
        }
        self.furthest = self.furthest.max(running.at);
        meter.advance(count);
        Ok(())
    }

    fn ended(&mut self, id: u64, result: Result<(), Failure>) -> Result<(), Failure> {
        let Some(Running { range, failures, .. }) = self.running.remove(&id) else { return Ok(()) };
        let failure = match result {
            Ok(()) => return Ok(()),
            Err(failure @ Failure::Passing { .. }) => failure,
            Err(failure) => return Err(failure),
        };
        let failures = failures.saturating_add(1);
        let wait = wait_before_next(failure, failures, self.limits).map_err(Failure::Final)?;
        let from = Instant::now() + wait;
        if self.is_whole {
            return self.plan_whole(failures, from);
        }
        if range.as_ref().is_none_or(|range| range.start < range.end) {
            self.waiting.push(Waiting { range, failures, from });
        }
        Ok(())
    }

    fn give_up(&mut self, id: u64) -> Option<Running> {
        let running = self.running.remove(&id)?;
        running.stop.store(true, Ordering::Relaxed);
        Some(running)
    }

    fn stop_all(&mut self) {
        self.running.drain().for_each(|(_, running)| running.stop.store(true, Ordering::Relaxed));
        self.waiting.clear();
    }
}
