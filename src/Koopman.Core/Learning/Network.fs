namespace Koopman.Learning

/// <summary>The network of a velocity field, of a lift's features or of its decoder: described by settings, or your own.</summary>
[<NoComparison>]
type Network =
    /// <summary>Dense layers.</summary>
    | Mlp of MlpOptions
    /// <summary>A convolutional network, for points that are flattened images.</summary>
    | UNet of UNetOptions
    /// <summary>
    /// An existing network, such as your own module via <c>Net.ofModule</c>. It is trained in place, and shared by the fields and lifts made from it.
    /// </summary>
    | Custom of Net
