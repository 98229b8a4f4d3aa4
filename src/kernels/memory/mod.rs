//! Memory for large tensors: an allocator that reuses big blocks, and vectors built in parallel.
//!
//! Every operation of a network makes tensors of a few megabytes and drops others of the same sizes.
//! If each were handed back to the system, its pages would have to be mapped and cleared again for the
//! next tensor, which takes up to a quarter of the time of a decode. [`Recycler`] keeps such blocks, in
//! huge pages where the system has them; [`release`] gives them back when a job is over.

mod free_blocks;
mod pieces;
mod recycler;

pub(super) use pieces::{build_in_pieces, piece_lengths};
pub use recycler::{Recycler, release};
