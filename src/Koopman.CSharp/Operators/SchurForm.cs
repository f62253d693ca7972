namespace Koopman.CSharp;

/// <summary>
/// The real Schur form Q T Qᵀ of an operator in functions that are orthonormal in its measure. It exists also where there is no basis
/// of eigenvectors.
/// </summary>
public sealed record SchurForm
{
    internal SchurForm(RealSchur core)
    {
        Vectors = Convert.ToMatrix(core.Vectors);
        Triangular = Convert.ToMatrix(core.Triangular);
    }

    /// <summary>Q (r, r), orthogonal.</summary>
    public double[,] Vectors { get; }

    /// <summary>T (r, r): a real eigenvalue is a block of one on the diagonal, a conjugate pair a block of two; 0 below.</summary>
    public double[,] Triangular { get; }
}
