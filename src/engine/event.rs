//! What an engine reports while it works on a request.

use image::RgbImage;

use super::MadeWith;

/// Work without steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The prompt becomes conditioning.
    ReadingPrompt,
    /// The start image becomes a latent.
    Encoding,
    /// The start image is enlarged for a second pass.
    Enlarging,
    /// A tile of a second pass, counted from 0, is begun.
    Tile {
        /// Which one.
        tile: usize,
        /// How many the picture has.
        tiles: usize,
    },
    /// Image `n` of the batch (from 0) becomes pixels.
    Decoding(usize),
    /// A server that does not tell its steps works on an image. Told every second.
    Working {
        /// Its place in the batch, from 0.
        image: usize,
        /// For how long, in whole seconds.
        seconds: u64,
    },
}

/// One finished image of a batch.
#[derive(Clone, Debug)]
pub struct FinishedImage {
    /// Its place in the batch, from 0.
    pub image: usize,
    /// The seed that makes this image alone.
    pub seed: u64,
    /// The variation seed that makes it alone, where there is a variation strength.
    pub variation_seed: u64,
    /// The pixels.
    pub picture: RgbImage,
    /// Who made it, where that is another one for each picture; `None` if [`Engine::made_with`](super::Engine::made_with)
    /// says it.
    pub made_by: Option<Box<MadeBy>>,
}

/// Who made a picture where several engines make the pictures of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MadeBy {
    /// The engine's name, such as a server's host.
    pub engine: String,
    /// What computed the picture.
    pub made_with: MadeWith,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// Something that happened while a request was worked on.
#[derive(Clone, Debug)]
pub enum Event {
    /// Something the person should know; the job goes on.
    Notice(String),
    /// Work without steps has begun.
    Stage(Stage),
    /// A sampling step is done.
    Step {
        /// Place in the batch, from 0.
        image: usize,
        /// Steps done, from 1.
        step: usize,
        /// Steps this image takes in all.
        steps: usize,
        /// The model's present estimate of the image: one pixel for each latent position, or the size of
        /// the result where a small autoencoder makes the previews.
        preview: RgbImage,
    },
    /// An image is finished.
    Finished(FinishedImage),
}

impl Event {
    /// The same news of a picture whose place in the batch is `first` places later.
    #[must_use]
    pub fn moved_by(self, first: usize) -> Self {
        match self {
            Self::Step { image, step, steps, preview } => Self::Step { image: image + first, step, steps, preview },
            Self::Stage(Stage::Decoding(image)) => Self::Stage(Stage::Decoding(image + first)),
            Self::Stage(Stage::Working { image, seconds }) => {
                Self::Stage(Stage::Working { image: image + first, seconds })
            }
            Self::Finished(made) => Self::Finished(FinishedImage { image: made.image + first, ..made }),
            event => event,
        }
    }
}
