//! The order and the lines of the tree of rounds.
//!
//! The first round that came from another goes on in the same column below it, so that a long history without
//! branches stays a straight line. Each further one begins a branch, one column to the right; branches are listed
//! right below the round they came from.

/// The highest column. Branches of branches beyond it stay there.
pub const DEEPEST: usize = 12;

/// How a row of the tree is joined to the round it came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TreeLink {
    /// It came from no round that is listed.
    #[default]
    Root,
    /// It goes on in the same column.
    Continues,
    /// It begins a branch, from this column.
    Branches(usize),
}

/// The place of one row in the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreePlace {
    /// Its column, from 0.
    pub column: usize,
    /// How it is joined to the round it came from.
    pub link: TreeLink,
    /// Whether a line leads down from it in its column.
    pub goes_on: bool,
    /// The columns whose lines pass by, one bit each.
    pub passing: u32,
}

/// Puts items in the order of the tree. `parents` has, for each item, the item it came from, which must come
/// earlier; other parents are taken for none. Returns each item's index once, with its place.
pub(super) fn tree_order(parents: &[Option<usize>]) -> Vec<(usize, TreePlace)> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    let mut waiting: Vec<(usize, TreePlace)> = Vec::new();
    for (at, parent) in parents.iter().enumerate() {
        match parent.filter(|parent| *parent < at) {
            Some(parent) => children[parent].push(at),
            None => waiting.push((at, TreePlace::default())),
        }
    }
    waiting.reverse();
    let mut order = Vec::with_capacity(parents.len());
    while let Some((at, mut place)) = waiting.pop() {
        let children = &children[at];
        place.goes_on = !children.is_empty();
        order.push((at, place));
        let TreePlace { column, passing, .. } = place;
        let Some((first, others)) = children.split_first() else { continue };
        waiting.push((*first, TreePlace { column, passing, link: TreeLink::Continues, goes_on: false }));
        let branch = TreePlace {
            column: (column + 1).min(DEEPEST),
            passing: passing | 1 << column,
            link: TreeLink::Branches(column),
            goes_on: false,
        };
        waiting.extend(others.iter().rev().map(|child| (*child, branch)));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(parents: &[Option<usize>]) -> Vec<(usize, usize)> {
        tree_order(parents).iter().map(|(at, place)| (*at, place.column)).collect()
    }

    #[test]
    fn a_history_without_branches_is_one_straight_line() {
        let parents: Vec<Option<usize>> = (0..300_usize).map(|at| at.checked_sub(1)).collect();
        let order = tree_order(&parents);
        assert!(order.iter().enumerate().all(|(row, (at, place))| *at == row && place.column == 0));
        assert_eq!((order[0].1.link, order[9].1.link), (TreeLink::Root, TreeLink::Continues));
        assert!(order[298].1.goes_on && !order[299].1.goes_on);
    }

    #[test]
    fn later_children_branch_off_right_below_their_parent() {
        // 0 ─ 1 ─ 4, with 2 and then 3 also from 0, 5 from 2, and 6 from nowhere.
        let parents = [None, Some(0), Some(0), Some(0), Some(1), Some(2), None];
        assert_eq!(columns(&parents), [(0, 0), (2, 1), (5, 1), (3, 1), (1, 0), (4, 0), (6, 0)]);
        let order = tree_order(&parents);
        assert_eq!((order[1].1.link, order[1].1.passing), (TreeLink::Branches(0), 1));
        assert_eq!((order[2].1.link, order[2].1.passing), (TreeLink::Continues, 1));
        assert_eq!((order[4].1.link, order[4].1.passing), (TreeLink::Continues, 0));
    }

    #[test]
    fn wrong_parents_and_deep_branches_lose_no_item() {
        assert_eq!(columns(&[Some(0), Some(5), Some(1)]), [(0, 0), (1, 0), (2, 0)]);
        // Each has two children, the second of which has two again.
        let parents: Vec<Option<usize>> = (0..80_usize).map(|at| at.checked_sub(1).map(|at| at / 2 * 2)).collect();
        let order = tree_order(&parents);
        let mut seen: Vec<usize> = order.iter().map(|(at, _)| *at).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..80).collect::<Vec<_>>());
        assert_eq!(order.iter().map(|(_, place)| place.column).max(), Some(DEEPEST));
    }
}
