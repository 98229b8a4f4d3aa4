//! Why layers cannot be changed as asked.

use super::LayerStack;

/// Why layers cannot be changed as asked, as one sentence. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    /// There is no such layer, or no place for it.
    #[error("There is no such layer.")]
    Missing,
    /// The picture would have no layer.
    #[error("This is the last layer. Add another one, then delete it.")]
    LastLayer,
    /// More layers than a picture can have.
    #[error("A picture can have {} layers at most. Merge some of them first.", LayerStack::MAX_LAYERS)]
    TooMany,
    /// Too many groups inside each other.
    #[error("At most {} groups can lie inside each other.", LayerStack::MAX_DEPTH)]
    TooDeep,
    /// A group would be inside itself.
    #[error("A group cannot be moved into itself.")]
    IntoItself,
    /// The pixels have another size than the picture.
    #[error("The layer does not have the size of the picture.")]
    OtherSize,
    /// There is nothing below to merge with.
    #[error("There is no layer below this one to merge it with.")]
    NothingBelow,
    /// Merging would hide what is shown or show what is hidden.
    #[error("A hidden layer cannot be merged. Show both layers first.")]
    HiddenMerge,
    /// One of the layers to merge is locked.
    #[error("A locked layer cannot be merged. Unlock it first.")]
    LockedMerge,
    /// The layer to take apart is not a group.
    #[error("This layer is not a group.")]
    NoGroup,
    /// No layer is visible.
    #[error("There is no visible layer to merge.")]
    NothingVisible,
    /// It lies at the end already.
    #[error("The layer cannot be moved further.")]
    NoFurther,
}
