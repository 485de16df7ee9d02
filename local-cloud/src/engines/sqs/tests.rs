//! What the engine does, case by case.
