namespace Koopman.Flows

open TorchSharp
open Koopman
open Koopman.Learning

/// Complex features stored as real columns: columns k and K+k are the real and imaginary parts of mode k.
[<RequireQualifiedAccess>]
module internal ComplexPairs =

    let first (f: Tensor) : Tensor =
        f.narrow (-1L, 0L, f.shape[int (f.dim ()) - 1] / 2L)

    let second (f: Tensor) : Tensor =
        let half = f.shape[int (f.dim ()) - 1] / 2L
        f.narrow (-1L, half, half)

    /// f·(re + i im), mode by mode.
    let times (f: Tensor) (re: Tensor) (im: Tensor) : Tensor =
        let f0, f1 = first f, second f
        torch.cat ([| f0 * re - f1 * im; f0 * im + f1 * re |], -1L)

/// F' = F Λ with a complex number λ = a + ib per mode, |a| < growth and 0 < b < frequency, and x' = b0 + b1 t + F B: everything in closed form.
[<Sealed>]
type internal BlockGenerator
    (
        dimension: int,
        growth: float,
        frequency: float,
        alpha: Tensor,
        beta: Tensor,
        mixing: Tensor,
        drift: Tensor,
        slope: Tensor
    ) =
    inherit LiftOperator(dimension, int mixing.shape[0])

    let half = 0.5

    /// a and b (K).
    let eigenvalues () : struct (Tensor * Tensor) =
        struct (growth * (alpha / growth).tanh(), frequency * beta.sigmoid ())

    /// The motion of the points without features: c τ b0 + (t τ + c τ²/2) b1.
    let straight (z: LiftedState) (tau: Tensor) : Tensor =
        let quadratic =
            if z.Constant = 0.0 then
                z.Time * tau
            else
                (z.Time * tau).add(tau.square (), Tensors.num (0.5 * z.Constant))

        let moved = quadratic * slope

        if z.Constant = 0.0 then
            moved
        else
            moved.add (tau * drift, Tensors.num z.Constant)

    override _.Shape = Blocks(growth, frequency)

    override _.Parameters =
        [
            "growth", alpha
            "frequency", beta
            "mixing", mixing
            "drift", drift
            "slope", slope
        ]

    override this.Matrix() : Tensor =
        Tensors.keep (fun () ->
            let d, m = int64 dimension, int64 this.Features
            let struct (a, b) = eigenvalues ()
            let a, b = a.diag (), b.diag ()

            let zeros (rows: int64) (columns: int64) =
                torch.zeros (rows, columns, dtype = mixing.dtype, device = mixing.device)

            // [0, 1]: t is driven only by the constant.
            let time = torch.cat ([| zeros 1L 1L; zeros 1L 1L + 1.0 |], 1L)

            let block =
                torch.cat ([| torch.cat ([| a; b |], 1L); torch.cat ([| -b; a |], 1L) |], 0L)

            torch.cat (
                [|
                    torch.cat ([| time; drift.unsqueeze 0L; zeros 1L m |], 1L)
                    torch.cat ([| zeros 1L 2L; slope.unsqueeze 0L; zeros 1L m |], 1L)
                    zeros d (2L + d + m)
                    torch.cat ([| zeros m 2L; mixing; block |], 1L)
                |],
                0L
            ))

    override _.Rate(z: LiftedState) : LiftedState =
        let struct (a, b) = eigenvalues ()
        let moved = z.Features.times (mixing) + z.Time * slope

        {
            Constant = 0.0
            Time = torch.full_like (z.Time, Tensors.num z.Constant)
            Point =
                if z.Constant = 0.0 then
                    moved
                else
                    moved.add (drift, Tensors.num z.Constant)
            Features = ComplexPairs.times z.Features a b
        }

    override _.Position(z: LiftedState, tau: Tensor) : Tensor =
        let struct (a, b) = eigenvalues ()
        // e^{λτ} - 1 without cancellation for short horizons.
        let grown = (tau * a).expm1()
        let angle = tau * b
        let bent = 2.0 * (half * angle).sin().square()
        let re = grown - grown * bent - bent
        let im = grown * angle.sin () + angle.sin ()
        // [Re, Im](f (e^{λτ}-1)/λ) B = [Re, Im](f (e^{λτ}-1)) B', which divides few numbers instead of many.
        let size = a.square () + b.square ()
        let a, b = (a / size).unsqueeze 1L, (b / size).unsqueeze 1L
        let k = mixing.shape[0] / 2L
        let top, bottom = mixing.narrow (0L, 0L, k), mixing.narrow (0L, k, k)

        let divided = torch.cat ([| a * top - b * bottom; b * top + a * bottom |], 0L)

        z.Point + straight z tau + (ComplexPairs.times z.Features re im).times divided

    override _.Speed(z: LiftedState, tau: Tensor) : Tensor =
        let struct (a, b) = eigenvalues ()
        let grown = (tau * a).exp()
        let angle = tau * b

        let turned =
            (ComplexPairs.times z.Features (grown * angle.cos ()) (grown * angle.sin ())).times mixing

        if z.Constant = 0.0 then
            turned + z.Time * slope
        else
            (turned + z.Time.add (tau, Tensors.num z.Constant) * slope).add(drift, Tensors.num z.Constant)

    override this.Advance(z: LiftedState, tau: Tensor) : LiftedState =
        let struct (a, b) = eigenvalues ()
        let grown = (tau * a).exp()
        let angle = tau * b

        {
            Constant = z.Constant
            Time = z.Time.add (tau, Tensors.num z.Constant)
            Point = this.Position(z, tau)
            Features = ComplexPairs.times z.Features (grown * angle.cos ()) (grown * angle.sin ())
        }

    override _.With(values: Tensor list) : LiftOperator =
        match Leaves.copy values with
        | [ alpha; beta; mixing; drift; slope ] ->
            new BlockGenerator(dimension, growth, frequency, alpha, beta, mixing, drift, slope)
        | _ -> invalidArg (nameof values) "A block generator has five parameters"
