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

    /// Σ_ij w_i u_j k(x_i, y_j), in pieces.
    let private mean (h: float) (x: Samples) (y: Samples) : float =
        Tensors.pieces 1024 x.Count
        |> Seq.sumBy (fun (struct (start, count)) ->
            Tensors.within (fun () ->
                let distance = torch.cdist (Tensors.rows start count x.Points, y.Points)
                let kernel = distance.mul_(distance).mul_(Tensors.num (-0.5 / h)).exp_()
                kernel.mv(y.Weights).dot(Tensors.rows start count x.Weights).ToDouble()))

    /// <summary>The distance itself (not its square), as a V-statistic: positive also between two samples of one law.</summary>
    let distance (h: float) (x: Samples) (y: Samples) : float =
        sqrt (max 0.0 (mean h x x + mean h y y - 2.0 * mean h x y))
