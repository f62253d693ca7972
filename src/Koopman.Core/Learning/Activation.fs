namespace Koopman.Learning

open Koopman

/// <summary>The nonlinearity between the layers of a network.</summary>
type Activation =
    /// <summary>tanh z: bounded, with one scale.</summary>
    | Tanh = 0
    /// <summary>z/(1 + e^-z): asymptotically linear.</summary>
    | SiLU = 1
