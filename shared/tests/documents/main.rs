//! Documents between devices that edit apart and then exchange their changes in every order: the
//! conflicts of domain.md b.4 with their numbers, undo, groups, a space's own templates.

mod clashes;
mod conflicts;
mod desk;
mod edits;
mod numbers;
mod space;
mod unseen;
