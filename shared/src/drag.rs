//! Moving a card: one state machine for pointer, touch and keyboard. Pure, so that it is tested
//! without a browser.

/// How far a pointer moves before a press is a drag, in pixels.
const SLOP: f64 = 6.0;

/// How long a finger rests on a card before it is lifted, in milliseconds. A finger that moves
/// before scrolls.
pub const HOLD: u32 = 350;

/// How near to an edge a lifted card makes it scroll along, in pixels, and how far at once.
const EDGE: f64 = 56.0;
const PULL: f64 = 14.0;

/// The events of a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// A pointer goes down on a card; `touch` when it is a finger or a pen, which also scrolls.
    Press {
        x: f64,
        y: f64,
        touch: bool,
    },
    /// The finger has rested for [`HOLD`].
    Hold,
    /// It moves; `column` is the one under it.
    Move {
        x: f64,
        y: f64,
        column: Option<usize>,
    },
    Release,
    /// Escape, or the system took the pointer: it scrolls.
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

/// The state of a card that is dragged.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Drag {
    #[default]
    Still,
    Pressed {
        x: f64,
        y: f64,
    },
    /// A finger rests on it and may still scroll.
    Touched {
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

/// The outcome of a step.
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
        let moved = |x: f64, y: f64, to_x: f64, to_y: f64| (to_x - x).hypot(to_y - y) > SLOP;
        match (self, input) {
            (_, Input::Press { x, y, touch: false }) => (Self::Pressed { x, y }, Outcome::Nothing),
            (_, Input::Press { x, y, touch: true }) => (Self::Touched { x, y }, Outcome::Nothing),
            (Self::Pressed { x, y }, Input::Move { x: to_x, y: to_y, column }) if moved(x, y, to_x, to_y) => {
                (Self::Dragging { column }, Outcome::Nothing)
            }
            (Self::Touched { x, y }, Input::Move { x: to_x, y: to_y, .. }) if moved(x, y, to_x, to_y) => {
                (Self::Still, Outcome::Nothing)
            }
            (Self::Touched { .. }, Input::Hold) => (Self::Dragging { column: None }, Outcome::Nothing),
            (Self::Touched { .. }, Input::Cancel) => (Self::Still, Outcome::Nothing),
            (Self::Dragging { .. }, Input::Move { column, .. }) => {
                (Self::Dragging { column }, Outcome::Nothing)
            }
            (Self::Pressed { .. } | Self::Touched { .. }, Input::Release) => (Self::Still, Outcome::Open),
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
            Self::Still | Self::Pressed { .. } | Self::Touched { .. } => None,
        }
    }

    /// Whether a pointer carries the card: the finger that does so scrolls nothing.
    #[must_use]
    pub const fn is_carried(self) -> bool {
        matches!(self, Self::Dragging { .. })
    }
}

/// How far a box from `start` to `end` scrolls along while a card is carried at `at`, in pixels:
/// back near its start, on near its end.
#[must_use]
pub fn pull(at: f64, start: f64, end: f64) -> f64 {
    let edge = EDGE.min((end - start) / 4.0);
    if at < start + edge {
        -PULL
    } else if at > end - edge {
        PULL
    } else {
        0.0
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

    const fn to(x: f64, column: Option<usize>) -> Input {
        Input::Move { x, y: 0.0, column }
    }

    #[test]
    fn a_press_opens_and_a_drag_drops() {
        let press = Input::Press { x: 0.0, y: 0.0, touch: false };
        assert_eq!(run(&[press, to(3.0, Some(1)), Input::Release]), Outcome::Open);
        assert_eq!(run(&[press, to(30.0, Some(1)), to(60.0, Some(2)), Input::Release]), Outcome::DropOn(2));
        assert_eq!(run(&[press, to(30.0, Some(1)), to(60.0, None), Input::Release]), Outcome::Cancelled);
        assert_eq!(run(&[press, to(30.0, Some(1)), Input::Cancel]), Outcome::Cancelled);
    }

    #[test]
    fn a_finger_that_moves_scrolls_and_one_that_rests_lifts() {
        let press = Input::Press { x: 0.0, y: 0.0, touch: true };
        // A swipe drops nothing and opens nothing, however far it goes and whoever ends it.
        assert_eq!(run(&[press, to(30.0, Some(1)), to(200.0, Some(2)), Input::Release]), Outcome::Nothing);
        assert_eq!(run(&[press, to(30.0, Some(1)), Input::Cancel]), Outcome::Nothing);
        // A rest that comes too late lifts nothing.
        assert_eq!(run(&[press, to(30.0, Some(1)), Input::Hold, Input::Release]), Outcome::Nothing);
        assert_eq!(run(&[press, to(2.0, Some(0)), Input::Release]), Outcome::Open);
        assert_eq!(run(&[press, Input::Hold, to(200.0, Some(2)), Input::Release]), Outcome::DropOn(2));
        assert_eq!(run(&[press, Input::Hold, to(200.0, Some(2)), Input::Cancel]), Outcome::Cancelled);
        // A finger that rests and is lifted again has chosen no column.
        assert_eq!(run(&[press, Input::Hold, Input::Release]), Outcome::Cancelled);
        let (drag, _) = Drag::default().step(press);
        assert!(!drag.is_carried() && drag.step(Input::Hold).0.is_carried());
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

    #[test]
    fn edges_pull_and_the_middle_does_not() {
        assert!(pull(10.0, 0.0, 390.0) < 0.0 && pull(380.0, 0.0, 390.0) > 0.0);
        assert!(pull(200.0, 0.0, 390.0).abs() < f64::EPSILON);
        // Outside counts as the edge; a narrow box keeps a middle.
        assert!(pull(-5.0, 0.0, 390.0) < 0.0 && pull(500.0, 0.0, 390.0) > 0.0);
        assert!(pull(50.0, 0.0, 100.0).abs() < f64::EPSILON);
    }
}
