namespace Koopman

open TorchSharp

/// <summary>The objective of a learned dictionary, to be minimised.</summary>
type DictionaryLoss =
    /// <summary>
    /// Minus the VAMP-2 score ‖G_x^(-1/2) A G_y^(-1/2)‖² (Mardt et al. 2018; Wu and Noé 2020): the slowest functions of
    /// any process. On held-out pairs it is the VAMP-E score of the operator that was fitted.
    /// </summary>
    | Vamp = 0
    /// <summary>The same with pairs counted in both directions of time: Σλ² of the reversible propagator. For reversible processes in equilibrium.</summary>
    | ReversibleVamp = 1
    /// <summary>
    /// ‖ψ(y) - Kᵀψ(x)‖² with the best K (EDMD-DL; Li et al. 2017), each function divided by its variance: otherwise functions would
    /// shrink to 0, which is easy to predict.
    /// </summary>
    | Prediction = 2
    /// <summary>
    /// The mean of ‖ψ(y)ᵀv - λψ(x)ᵀv‖²/‖ψ(x)ᵀv‖² over the eigenpairs of K (ResKoopNet; Xu et al. 2025). For deterministic data: noise
    /// adds a part that no dictionary can reduce.
    /// </summary>
    | Residual = 3
    /// <summary>
    /// ‖𝓛ψ - Lᵀψ‖² with the best L, each function divided by its variance: the loss of SDMD (Xu et al. 2025) in the limit of a short lag, with
    /// the drift itself in 𝓛 instead of the next state. Needs an equation of motion in place of pairs.
    /// </summary>
    | Generator = 4

/// Losses as functions of the covariances that an operator is fitted to and of those it is tested on; in training the two are the same. The
/// constant is the first feature.
[<RequireQualifiedAccess>]
module internal DictionaryLoss =

    /// A ridge of this fraction of the diagonal keeps the factors of nearly dependent features finite.
    let private ridge = 1e-8

    let private inverse (gram: Tensor) : Tensor =
        torch.linalg.inv (gram + torch.diag_embed (ridge * gram.diagonal ()))

    /// tr(PᵀQ).
    let private inner (p: Tensor) (q: Tensor) : Tensor = (p * q).sum()

    let private vamp (fit: Covariances) (test: Covariances) : Tensor =
        let m = (inverse fit.C00).times(fit.C01).times(inverse fit.C11)
        let square = test.C00.times(m).times test.C11
        inner m square - 2.0 * inner m test.C01

    let private bothWays (sums: Covariances) : Covariances =
        let half (a: Tensor) (b: Tensor) = 0.5 * (a + b)
        let gram = half sums.C00 sums.C11

        let mean = half sums.Mean0 sums.Mean1

        {
            Mean0 = mean
            Mean1 = mean
            C00 = gram
            C01 = half sums.C01 (sums.C01.t ())
            C11 = gram
        }

    /// K, and ⟨(h - Kᵀf)(h - Kᵀf)ᵀ⟩ over the rows it is tested on.
    let private leftOver (fit: Covariances) (test: Covariances) : struct (Tensor * Tensor) =
        let k = (inverse fit.C00).times fit.C01
        let cross = k.t().times test.C01

        struct (k, test.C11 - cross - cross.t () + k.t().times(test.C00).times k)

    /// The mean over all functions except the constant of the residual divided by the variance of the function.
    let private relative (left: Tensor) (second: Tensor) (means: Tensor) : Tensor =
        let variance = second.diagonal () - means.square ()
        let rest (t: Tensor) = t.narrow (0L, 1L, t.shape[0] - 1L)
        (rest (left.diagonal ()) / rest variance).mean()

    let private residual (fit: Covariances) (test: Covariances) : Tensor =
        let struct (k, left) = leftOver fit test

        let struct (re, im) =
            Tensors.within (fun () ->
                let struct (_, vectors) = torch.linalg.eig (k.detach ())

                struct (Tensors.copy vectors.real, Tensors.copy vectors.imag))

        use re = re
        use im = im

        let form (matrix: Tensor) =
            (re * matrix.times re).sum(0L) + (im * matrix.times im).sum 0L

        (form left / form test.C00).mean()

    /// <summary>The loss on the test sums of the operator that the fit sums define.</summary>
    let evaluate (loss: DictionaryLoss) (fit: Covariances) (test: Covariances) : Tensor =
        match loss with
        | DictionaryLoss.Vamp -> vamp fit test
        | DictionaryLoss.ReversibleVamp -> vamp (bothWays fit) (bothWays test)
        | DictionaryLoss.Prediction ->
            let struct (_, left) = leftOver fit test
            relative left test.C11 test.Mean1
        | DictionaryLoss.Residual -> residual fit test
        | _ ->
            let struct (_, left) = leftOver fit test
            relative left test.C00 test.Mean0
