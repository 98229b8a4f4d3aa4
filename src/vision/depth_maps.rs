//! Pictures of depth as engines ask for them: the network is found and loaded when the first one is wanted.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use image::{DynamicImage, RgbImage};

use crate::engine::{Cancel, DepthMaps, Error};

/// How many maps are kept: those of a round's controls, which the next round often follows again.
const KEPT: usize = 8;

/// Finds the file of a depth network on this machine.
pub type FindDepthModel = Box<dyn Fn() -> Result<PathBuf, Error> + Send + Sync>;

/// Makes pictures of depth with Depth Anything V2. The network is in memory only while it works; the latest maps are kept.
pub struct DepthNetwork {
    find: FindDepthModel,
    /// Pictures with their maps, the latest last.
    kept: Mutex<VecDeque<(RgbImage, RgbImage)>>,
}

impl DepthNetwork {
    /// Makes pictures with the network that `find` names when the first one is wanted. Its error says what to do where there is
    /// none.
    pub fn new(find: impl Fn() -> Result<PathBuf, Error> + Send + Sync + 'static) -> Self {
        Self { find: Box::new(find), kept: Mutex::default() }
    }
}

impl DepthMaps for DepthNetwork {
    fn depth_map(&self, picture: &RgbImage, cancel: &Cancel) -> Result<RgbImage, Error> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, map)) = kept.iter().find(|(known, _)| known == picture) {
            return Ok(map.clone());
        }
        let map = super::depth_map(&(self.find)()?, picture, cancel)?;
        let map = DynamicImage::ImageLuma8(map).into_rgb8();
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back((picture.clone(), map.clone()));
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use image::Rgb;

    use super::*;
    use crate::diffusion::kind_tests::fixture;

    #[test]
    fn a_map_is_made_once_and_is_grey() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let maps = DepthNetwork::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(fixture("depth"))
        });
        let picture = |shade: u8| RgbImage::from_fn(24, 16, |x, y| Rgb([shade, (x * 10) as u8, (y * 15) as u8]));
        let map = maps.depth_map(&picture(3), &Cancel::default()).expect("makes it");
        assert_eq!(map.dimensions(), (24, 16));
        assert!(map.pixels().all(|pixel| pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2]));
        assert_eq!(maps.depth_map(&picture(3), &Cancel::default()).expect("keeps it"), map);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        for shade in 4..4 + KEPT as u8 {
            maps.depth_map(&picture(shade), &Cancel::default()).expect("makes it");
        }
        assert_eq!(maps.depth_map(&picture(3), &Cancel::default()).expect("makes it again"), map);
        assert_eq!(asked.load(Ordering::Relaxed), 2 + KEPT);
    }

    #[test]
    fn what_finds_no_network_says_what_to_do() {
        let maps = DepthNetwork::new(|| Err(Error::File("Fetch it.".into())));
        let error = maps.depth_map(&RgbImage::new(2, 2), &Cancel::default()).expect_err("none").to_string();
        assert_eq!(error, "Fetch it.");
    }
}
