namespace Koopman.Learning

/// <summary>The network of a velocity field, of a lift's features or of its decoder: made of settings, or one of your own.</summary>
[<NoComparison>]
type Network =
    /// <summary>Dense layers.</summary>
    | Mlp of MlpOptions
    /// <summary>A convolutional network, for points that are images as rows of their numbers.</summary>
    | UNet of UNetOptions
    /// <summary>
    /// A network that there is already, such as your module by <c>Net.ofModule</c>. It is trained in place; what is made of it shares it.
    /// </summary>
    | Custom of Net
