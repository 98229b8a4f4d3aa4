//! Second passes: the start image enlarged, then each of its tiles made as a picture from a picture.

use std::collections::HashSet;

use super::LocalEngine;
use crate::diffusion::compute_device::explain_out_of_memory;
use crate::diffusion::enlarge::enlarged;
use crate::diffusion::watch::Watch;
use crate::engine::{Cancel, Error, Event, FinishedImage, Request, SecondPass, Stage, TiledPicture};
use crate::kernels::memory::release;

impl LocalEngine {
    /// Makes the pictures of a request for a second pass.
    ///
    /// # Errors
    /// As [`Engine::generate`](crate::engine::Engine::generate).
    pub(super) fn make_second_pass(
        &mut self,
        request: &Request,
        pass: &SecondPass,
        cancel: &Cancel,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Error> {
        let Some(start) = request.start() else {
            return Err(Error::Internal("a second pass has no picture".into()));
        };
        on_event(Event::Stage(Stage::Enlarging));
        let device = self.compute_device()?;
        let large = enlarged(start, pass, &device, &Watch::new(cancel)).map_err(explain_out_of_memory)?;
        release();
        let mut told = HashSet::new();
        for image in 0..request.images() {
            cancel.check()?;
            if cancel.is_left_out(image) {
                continue;
            }
            let mut tiled = TiledPicture::new(request, pass, image, &large);
            if !self.make_tiles(&mut tiled, image, cancel, &mut told, on_event)? {
                continue;
            }
            let (seed, variation_seed) = tiled.seeds();
            let picture = tiled.into_picture();
            on_event(Event::Finished(FinishedImage { image, seed, variation_seed, picture, made_by: None }));
        }
        Ok(())
    }

    /// Makes every tile of a picture; false if the picture was left out meanwhile. Each notice is passed on once.
    fn make_tiles(
        &mut self,
        tiled: &mut TiledPicture<'_>,
        image: usize,
        cancel: &Cancel,
        told: &mut HashSet<String>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<bool, Error> {
        let places = tiled.tiles();
        let tiles = places.len();
        for (tile, place) in places.into_iter().enumerate() {
            on_event(Event::Stage(Stage::Tile { tile, tiles }));
            let request = tiled.tile_request(tile, place);
            let mut made = None;
            self.make_pictures(&request, &cancel.of_image(image), &mut |event| match event {
                Event::Notice(text) => {
                    if told.insert(text.clone()) {
                        on_event(Event::Notice(text));
                    }
                }
                // Which tile is made says more.
                Event::Stage(_) => {}
                Event::Step { step, steps, preview, .. } => on_event(Event::Step {
                    image,
                    step: tile * steps + step,
                    steps: tiles * steps,
                    preview: tiled.preview(place, &preview),
                }),
                Event::Finished(finished) => made = Some(finished.picture),
            })?;
            match made {
                Some(picture) => tiled.put(place, &picture),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}
