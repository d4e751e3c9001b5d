//! Moving a card: one state machine for pointer, touch and keyboard. Pure, so that it is tested
//! without a browser.

/// How far a pointer moves before a press is a drag, in pixels.
const SLOP: f64 = 6.0;

/// What happens to a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// A pointer goes down on a card.
    Press {
        x: f64,
        y: f64,
    },
    /// It moves; `column` is the one under it.
    Move {
        x: f64,
        y: f64,
        column: Option<usize>,
    },
    Release,
    /// Escape, or the system took the pointer.
    Cancel,
    /// The key that lifts and drops.
    Toggle {
        column: usize,
    },
    /// An arrow key while lifted: towards the end or the start.
    Step {
        forward: bool,
        columns: usize,
    },
}

/// Where a card is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Drag {
    #[default]
    Still,
    Pressed {
        x: f64,
        y: f64,
    },
    Dragging {
        column: Option<usize>,
    },
    Lifted {
        column: usize,
    },
}

/// What comes out of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Nothing,
    /// A press without a drag: the card is to be opened.
    Open,
    DropOn(usize),
    Cancelled,
}

impl Drag {
    /// The next state, and what is to be done.
    #[must_use]
    pub fn step(self, input: Input) -> (Self, Outcome) {
        match (self, input) {
            (_, Input::Press { x, y }) => (Self::Pressed { x, y }, Outcome::Nothing),
            (Self::Pressed { x, y }, Input::Move { x: to_x, y: to_y, column }) => {
                if (to_x - x).hypot(to_y - y) > SLOP {
                    (Self::Dragging { column }, Outcome::Nothing)
                } else {
                    (self, Outcome::Nothing)
                }
            }
            (Self::Dragging { .. }, Input::Move { column, .. }) => {
                (Self::Dragging { column }, Outcome::Nothing)
            }
            (Self::Pressed { .. }, Input::Release) => (Self::Still, Outcome::Open),
            (Self::Dragging { column: Some(column) }, Input::Release) => {
                (Self::Still, Outcome::DropOn(column))
            }
            (Self::Dragging { column: None }, Input::Release) => (Self::Still, Outcome::Cancelled),
            (Self::Lifted { column }, Input::Toggle { .. }) => (Self::Still, Outcome::DropOn(column)),
            (_, Input::Toggle { column }) => (Self::Lifted { column }, Outcome::Nothing),
            (Self::Lifted { column }, Input::Step { forward, columns }) => {
                let last = columns.saturating_sub(1);
                let column = if forward { (column + 1).min(last) } else { column.saturating_sub(1) };
                (Self::Lifted { column }, Outcome::Nothing)
            }
            (Self::Still, Input::Cancel) => (Self::Still, Outcome::Nothing),
            (_, Input::Cancel) => (Self::Still, Outcome::Cancelled),
            (state, _) => (state, Outcome::Nothing),
        }
    }

    /// The column that the card is over.
    #[must_use]
    pub const fn over(self) -> Option<usize> {
        match self {
            Self::Dragging { column } => column,
            Self::Lifted { column } => Some(column),
            Self::Still | Self::Pressed { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(inputs: &[Input]) -> Outcome {
        let mut drag = Drag::default();
        let mut last = Outcome::Nothing;
        for input in inputs {
            (drag, last) = drag.step(*input);
        }
        last
    }

    #[test]
    fn a_press_opens_and_a_drag_drops() {
        let press = Input::Press { x: 0.0, y: 0.0 };
        let to = |x, column| Input::Move { x, y: 0.0, column };
        assert_eq!(run(&[press, to(3.0, Some(1)), Input::Release]), Outcome::Open);
        assert_eq!(run(&[press, to(30.0, Some(1)), to(60.0, Some(2)), Input::Release]), Outcome::DropOn(2));
        assert_eq!(run(&[press, to(30.0, Some(1)), to(60.0, None), Input::Release]), Outcome::Cancelled);
        assert_eq!(run(&[press, to(30.0, Some(1)), Input::Cancel]), Outcome::Cancelled);
    }

    #[test]
    fn keys_lift_step_and_drop() {
        let step = |forward| Input::Step { forward, columns: 3 };
        assert_eq!(
            run(&[
                Input::Toggle { column: 0 },
                step(true),
                step(true),
                step(true),
                Input::Toggle { column: 0 }
            ]),
            Outcome::DropOn(2)
        );
        assert_eq!(
            run(&[Input::Toggle { column: 1 }, step(false), step(false), Input::Toggle { column: 1 }]),
            Outcome::DropOn(0)
        );
        assert_eq!(run(&[Input::Toggle { column: 1 }, step(true), Input::Cancel]), Outcome::Cancelled);
    }
}
