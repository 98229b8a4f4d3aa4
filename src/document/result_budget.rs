//! Keeps the results of a document within a budget of memory.
//!
//! Pixels of results stay in memory up to the budget. Beyond it, results that were looked at
//! longest ago keep only their PNG bytes, and beyond that only the name under which the document's file
//! or the file they were saved to has them. Encoding and decoding is slow, so it is left to the owner, who
//! does it on another thread: [`Rounds::to_encode`] lists what should be encoded, [`Rounds::encoded`] takes
//! the bytes, every other form than pixels is decoded with [`ResultImage::decode`], and
//! [`Rounds::decoded`] takes the pixels. The only copy of a result is never dropped.

use std::sync::Arc;

use image::RgbImage;

use super::rounds::Rounds;
use super::store::BlobHash;
use super::{ResultId, ResultImage, RoundId, RoundResult, Slot};

/// What the pixels and PNG bytes of all results together may take, in bytes.
pub(super) const BUDGET: usize = 256 << 20;

impl Rounds {
    /// A result is in the document's file under this hash, so that its pixels can be dropped.
    pub(super) fn stored(&mut self, id: ResultId, hash: BlobHash) {
        if let Some(result) = self.result_mut(id) {
            result.stored = Some(hash);
        }
        self.keep_within_budget();
    }

    /// Takes the PNG bytes of a result, with which its pixels can be dropped later.
    pub fn encoded(&mut self, id: ResultId, png: Arc<[u8]>) {
        if let Some(result) = self.result_mut(id)
            && matches!(result.image, ResultImage::Pixels(_))
        {
            result.png = Some(png);
        }
        self.keep_within_budget();
    }

    /// Takes the pixels of a result that [`ResultImage::decode`] gave.
    pub fn decoded(&mut self, id: ResultId, pixels: Arc<RgbImage>) {
        let used = self.tick();
        let Some(slot) = self.slot_mut(id) else { return };
        if let Some(result) = slot.kept_mut() {
            result.used = used;
            if let ResultImage::Encoded(png) = std::mem::replace(&mut result.image, ResultImage::Pixels(pixels)) {
                result.png = Some(png);
            }
            slot.revision = used;
        }
        self.keep_within_budget();
    }

    /// The results of a round are being looked at: their pixels are dropped last.
    pub fn look_at(&mut self, round: RoundId) {
        let used = self.tick();
        if let Some(round) = self.index(round).and_then(|at| self.rounds.get_mut(at)) {
            for result in round.slots.iter_mut().filter_map(Slot::kept_mut) {
                result.used = used;
            }
        }
    }

    /// Results beyond the budget that cannot be dropped yet because only their pixels exist.
    pub fn to_encode(&self) -> Vec<(ResultId, Arc<RgbImage>)> {
        let mut excess = self.bytes().saturating_sub(self.budget);
        let mut list = Vec::new();
        if excess == 0 {
            return list;
        }
        for (id, result) in self.by_age() {
            if excess == 0 {
                break;
            }
            let is_elsewhere = result.png.is_some() || result.lossless_file().is_some() || result.stored.is_some();
            if let (ResultImage::Pixels(pixels), false) = (&result.image, is_elsewhere) {
                excess = excess.saturating_sub(pixels.as_raw().len());
                list.push((id, Arc::clone(pixels)));
            }
        }
        list
    }

    /// What the pixels and PNG bytes of all results take, in bytes.
    pub fn bytes(&self) -> usize {
        self.results().map(|(_, result)| result.bytes()).sum()
    }

    /// Every finished picture, deleted or not.
    fn results(&self) -> impl Iterator<Item = (ResultId, &RoundResult)> {
        self.rounds.iter().flat_map(|round| {
            let results = round.slots.iter().enumerate();
            results.filter_map(|(image, slot)| Some((ResultId { round: round.id, image }, slot.kept()?)))
        })
    }

    /// The results, the one looked at longest ago first.
    fn by_age(&self) -> Vec<(ResultId, &RoundResult)> {
        let mut results: Vec<_> = self.results().collect();
        results.sort_by_key(|(id, result)| (result.used, id.round, id.image));
        results
    }

    /// Drops pixels that can be decoded again, then PNG bytes that were saved to a file, those looked
    /// at longest ago first, until the rest is within the budget.
    pub(super) fn keep_within_budget(&mut self) {
        let mut bytes = self.bytes();
        if bytes <= self.budget {
            return;
        }
        let ids: Vec<ResultId> = self.by_age().into_iter().map(|(id, _)| id).collect();
        for smaller in [without_pixels, without_png] {
            for id in &ids {
                if bytes <= self.budget {
                    return;
                }
                if let Some(result) = self.result_mut(*id) {
                    let before = result.bytes();
                    smaller(result);
                    bytes = bytes + result.bytes() - before;
                }
            }
        }
    }
}

/// Drops the pixels of a result that can be decoded from the document's file, from memory or from its own
/// file.
fn without_pixels(result: &mut RoundResult) {
    if result.image.pixels().is_none() {
        return;
    }
    if let Some(hash) = result.stored {
        result.image = ResultImage::Stored(hash);
        result.png = None;
    } else if let Some(png) = result.png.take() {
        result.image = ResultImage::Encoded(png);
    } else if let Some(file) = result.lossless_file() {
        result.image = ResultImage::Saved(file.clone());
    }
}

/// Drops the PNG bytes of a result that can be read from a file.
fn without_png(result: &mut RoundResult) {
    match (&result.image, &result.stored, result.lossless_file()) {
        (ResultImage::Encoded(_), Some(hash), _) => result.image = ResultImage::Stored(*hash),
        (ResultImage::Encoded(_), None, Some(file)) => result.image = ResultImage::Saved(file.clone()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::rounds::tests::{PIXELS, finished, picture, png};

    fn rounds(budget: usize) -> Rounds {
        Rounds::with_budget(budget)
    }

    fn is_decoded(rounds: &Rounds, id: ResultId) -> bool {
        rounds.result(id).is_some_and(|r| r.image.pixels().is_some())
    }

    #[test]
    fn pixels_beyond_the_budget_become_png_bytes_and_come_back_the_same() {
        let mut rounds = rounds(3 * PIXELS);
        let ids: Vec<ResultId> = (0..6).map(|seed| finished(&mut rounds, seed)).collect();
        assert_eq!(rounds.bytes(), 6 * PIXELS, "nothing may be dropped while only the pixels exist");
        let wanted: Vec<ResultId> = rounds.to_encode().into_iter().map(|(id, _)| id).collect();
        assert_eq!(wanted, ids[..3], "the oldest results over the budget");
        for (seed, id) in ids.iter().enumerate() {
            rounds.encoded(*id, png(seed as u64));
        }
        assert!(rounds.bytes() <= 3 * PIXELS, "{} bytes", rounds.bytes());
        assert!(!is_decoded(&rounds, ids[0]) && is_decoded(&rounds, ids[5]));
        assert!(rounds.to_encode().is_empty());

        let image = rounds.result(ids[0]).expect("kept").image.clone();
        let pixels = image.decode(None).expect("decodes");
        assert_eq!(*pixels, *picture(0));
        let revision = rounds.slot(ids[0].round, 0).expect("kept").revision;
        rounds.decoded(ids[0], pixels);
        assert!(is_decoded(&rounds, ids[0]), "what was asked for last is kept");
        assert_ne!(rounds.slot(ids[0].round, 0).expect("kept").revision, revision, "the view shows it again");
        assert!(rounds.bytes() <= 3 * PIXELS);
    }

    #[test]
    fn what_was_saved_to_a_file_is_read_from_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("1.png");
        std::fs::write(&path, png(1)).expect("writes");
        let mut rounds = rounds(PIXELS);
        let first = finished(&mut rounds, 1);
        rounds.saved(first, path.clone());
        let second = finished(&mut rounds, 2);
        assert!(!is_decoded(&rounds, first) && is_decoded(&rounds, second));
        let image = rounds.result(first).expect("kept").image.clone();
        assert_eq!(*image.decode(None).expect("reads"), *picture(1));
        std::fs::remove_file(&path).expect("removes");
        assert!(image.decode(None).expect_err("gone").to_string().contains("1.png"));
    }

    #[test]
    fn png_bytes_are_dropped_only_for_a_saved_file() {
        let mut rounds = rounds(0);
        let (saved, unsaved) = (finished(&mut rounds, 1), finished(&mut rounds, 2));
        for id in [saved, unsaved] {
            rounds.encoded(id, png(2));
        }
        rounds.saved(saved, "somewhere.png".into());
        assert!(matches!(rounds.result(saved).expect("kept").image, ResultImage::Saved(_)));
        assert!(matches!(rounds.result(unsaved).expect("kept").image, ResultImage::Encoded(_)));
    }

    #[test]
    fn pixels_in_the_documents_file_are_dropped_before_anything_is_encoded() {
        let mut rounds = rounds(PIXELS);
        let (first, second) = (finished(&mut rounds, 1), finished(&mut rounds, 2));
        assert_eq!(rounds.to_encode().len(), 1);
        let hash = BlobHash::of(&png(1));
        rounds.stored(first, hash);
        assert!(matches!(rounds.result(first).expect("kept").image, ResultImage::Stored(stored) if stored == hash));
        assert!(is_decoded(&rounds, second) && rounds.to_encode().is_empty());
        let error = rounds.result(first).expect("kept").image.decode(None).expect_err("closed").to_string();
        assert!(error.contains("document is closed"), "{error}");
    }

    #[test]
    fn the_round_on_show_is_dropped_last() {
        let mut rounds = rounds(2 * PIXELS);
        let shown = finished(&mut rounds, 1);
        rounds.saved(shown, "1.png".into());
        let other = finished(&mut rounds, 2);
        rounds.saved(other, "2.png".into());
        rounds.look_at(shown.round);
        let third = finished(&mut rounds, 3);
        assert!(is_decoded(&rounds, shown) && is_decoded(&rounds, third));
        assert!(!is_decoded(&rounds, other));
    }
}
