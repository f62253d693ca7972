namespace Koopman.Metrics

open TorchSharp
open Koopman

/// <summary>Maximum mean discrepancy with a Gaussian kernel exp(-d²/2h).</summary>
[<RequireQualifiedAccess>]
module Mmd =

    /// <summary>The usual h: the squared median distance between two points of a reference set.</summary>
    let bandwidth (reference: Samples) : float =
        let median = Centres.medianDistance reference
        median * median

    /// Σ_ij w_i u_j k(x_i, y_j), in pieces; distances are computed from a common centre to keep precision.
    let private mean (middle: Tensor) (h: float) (x: Samples) (y: Samples) : float =
        let other = y.Points - middle

        Tensors.pieces 1024 x.Count
        |> Seq.sumBy (fun (struct (start, count)) ->
            Tensors.within (fun () ->
                let distance = torch.cdist (Tensors.rows start count x.Points - middle, other)

                let kernel =
                    if h > 0.0 then
                        distance.mul_(distance).mul_(Tensors.num (-0.5 / h)).exp_()
                    else
                        // The limit of a kernel without width: equal points are near, others are not.
                        distance.eq(Tensors.num 0.0).to_type torch.float64

                kernel.mv(y.Weights).dot(Tensors.rows start count x.Weights).ToDouble()))

    /// <summary>
    /// The distance itself (not its square), as a V-statistic: positive even between two samples of the same law. With h = 0 the kernel is 1 for
    /// equal points and 0 for others.
    /// </summary>
    /// <exception cref="T:Koopman.KoopmanException">Values whose squares are beyond floating-point numbers.</exception>
    let distance (h: float) (x: Samples) (y: Samples) : float =
        use _ = Tensors.scope ()

        for samples in [ x; y ] do
            Samples.checkScale "The samples" samples |> Outcome.get

        let middle = Samples.mean y
        sqrt (max 0.0 (mean middle h x x + mean middle h y y - 2.0 * mean middle h x y))

    /// <summary>
    /// The distance with a kernel set by the reference: every column in units of its scale there, and the usual h in these units. Independent of the
    /// units of the columns.
    /// </summary>
    /// <param name="reference">A sample of the law that both are compared with; y itself may be used.</param>
    /// <param name="x">Samples.</param>
    /// <param name="y">Samples of the same dimension.</param>
    /// <exception cref="T:Koopman.KoopmanException">Values of the reference beyond 1e150.</exception>
    let scaled (reference: Samples) (x: Samples) (y: Samples) : float =
        use _ = Tensors.scope ()

        if reference.Points.abs().max().ToDouble() > 1e150 then
            Samples.checkScale "The samples of the reference" reference |> Outcome.get

        let inScales = Centres.inScalesOf reference
        use own = inScales reference
        use x = inScales x
        use y = inScales y
        distance (bandwidth own) x y
